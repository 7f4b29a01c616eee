// A program with a type that carries more than an identity, and what is needed to walk it through the steps.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript-5.9'
import { migrate } from '../../../src/migrate/migrate.ts'
import type { MigrateOptions, MigrateResult } from '../../../src/migrate/migrate-options.ts'
import { scan } from '../../../src/scan/scan.ts'
import { installPackages } from '../../fixtures/legacy-app/packages.mjs'
import { strictConfig } from '../migrate-case.ts'

export type WalkedApp = {
  readonly root: string
  readonly read: (file: string) => string
  readonly write: (file: string, text: string) => void
  /** `migrate --write` of one step. */
  readonly step: (step: NonNullable<MigrateOptions['step']>) => Promise<MigrateResult>
  /** What the program prints when it runs as it stands. */
  readonly run: () => string
  readonly remove: () => void
}

/** @param files by their names below `src`; `main.ts` is what runs */
export function openWalkedApp(files: Readonly<Record<string, string>>, type = 'RequestContext'): WalkedApp {
  const root = mkdtempSync(join(tmpdir(), 'walked-app-'))
  mkdirSync(join(root, 'src'))
  const write = (file: string, text: string): void => writeFileSync(join(root, 'src', file), text)
  for (const [file, text] of Object.entries(files)) write(file, text)
  writeFileSync(join(root, 'tsconfig.json'), strictConfig)
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n')
  installPackages(root)
  const read = (file: string): string => readFileSync(join(root, 'src', file), 'utf8')
  return {
    root,
    read,
    write,
    step: (step) => migrate({ scan: { root, types: [type] }, step, write: true }, scan),
    run: () => {
      mkdirSync(join(root, 'build'), { recursive: true })
      const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
      for (const file of readdirSync(join(root, 'src')))
        writeFileSync(
          join(root, 'build', file.replace(/\.ts$/, '.js')),
          ts.transpileModule(read(file), { compilerOptions }).outputText,
        )
      return execFileSync(process.execPath, [join(root, 'build/main.js')], { encoding: 'utf8' })
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** Every form of reading that a program has, and the values that carry them. */
export const walkedFiles = {
  'context.ts': `/** Writes what happens. */
export interface Logger {
  info(text: string): void;
}

/** What a request carries. */
export interface RequestContext {
  /** The user who asks. */
  readonly userId: string;
  readonly threadId: string; // the conversation
  /** A run may come later. */
  readonly runId?: string;
  readonly metadata: Record<string, unknown>;
  readonly logger: Logger;
}
`,
  'makers.ts': `import type { Logger, RequestContext } from './context.js';

export const open = (userId: string, logger: Logger): RequestContext => ({
  // who asks
  userId,
  threadId: \`thread_\${userId}\`,
  metadata: { plan: 'free' },
  logger,
});

export function derive(context: RequestContext): RequestContext {
  return { ...context, logger: { info: (text) => context.logger.info(\`derived \${text}\`) } };
}
`,
  'readers.ts': `import type { RequestContext } from './context.js';

export const member = (context: RequestContext): string => context.userId;
export const chained = (holder: { context?: RequestContext }): string | undefined => holder.context?.threadId;
export const computed = (context: RequestContext): string => context['userId'];
export const optional = (context: RequestContext | undefined): string | undefined => context?.threadId;
export const pattern = ({ userId, logger, threadId: thread }: RequestContext): string => {
  logger.info(thread);
  return userId;
};
export function taken(context: RequestContext): string {
  const { threadId, userId } = context;
  return \`\${userId} \${threadId}\`;
}
export const rest = ({ logger, ...others }: RequestContext): string => {
  logger.info(others.threadId);
  return others.userId;
};
export const later = (context: RequestContext): boolean => context.runId === undefined;
export const plan = (context: RequestContext): unknown => context.metadata['plan'];
`,
  'main.ts': `import type { Logger } from './context.js';
import { derive, open } from './makers.js';
import * as readers from './readers.js';

declare const console: { log(...values: unknown[]): void };
const logger: Logger = { info: (text) => console.log('log', text) };
for (const context of [open('usr_1', logger), derive(open('usr_2', logger))]) {
  console.log(readers.member(context), readers.chained({ context }), readers.computed(context));
  console.log(readers.optional(context), readers.pattern(context));
  console.log(readers.taken(context), readers.rest(context), readers.later(context), readers.plan(context));
}
`,
}
