// One violator of each kind, as somebody would add it the week after the migration.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** `refusedBy`: tsc alone stops it, or it compiles and `check` must stop it. */
export type Violator = {
  readonly kind: string
  readonly refusedBy: 'tsc' | 'check'
  /** The kind under which `check` reports it: the sealed class has no base, so what was a downcast is a cast. */
  readonly reportedAs: string
  readonly file: string
  readonly text: string
}

const imports = `import type { UserExecutionContext } from '../models/user-execution-context.js';
import { summarize } from '../consumers/models.js';
`
const ids = "{ userId: 'usr_99', threadId: 'thread_99', runId: 'run_99', requestId: 'request_99' }"

const bodies: readonly (readonly [kind: string, refusedBy: 'tsc' | 'check', body: string])[] = [
  [
    'new',
    'tsc',
    "import { UserExecutionContext as Sealed } from '../models/user-execution-context.js';\n" +
      "export const made = new Sealed('usr_99', 'thread_99', 'run_99');",
  ],
  ['literal-annotation', 'tsc', `export const context: UserExecutionContext = ${ids};`],
  ['literal-return', 'tsc', `export function open(): UserExecutionContext {\n  return ${ids};\n}`],
  ['literal-inferred-return', 'tsc', `const make = () => (${ids});\nexport const summary = summarize(make());`],
  ['literal-argument', 'tsc', `export const summary = summarize(${ids});`],
  ['literal-property', 'tsc', `export const job: { context: UserExecutionContext } = {\n  context: ${ids},\n};`],
  ['literal-satisfies', 'tsc', `export const context = ${ids} satisfies UserExecutionContext;`],
  [
    'literal-default',
    'tsc',
    `export function read(context: UserExecutionContext = ${ids}): string {\n  return context.userId;\n}`,
  ],
  ['literal-untyped', 'tsc', `const context = ${ids};\nexport const summary = summarize(context);`],
  [
    'cast',
    'check',
    'export function read(payload: unknown): string {\n  return summarize(payload as UserExecutionContext);\n}',
  ],
  [
    'cast-double',
    'check',
    'export function read(text: string): string {\n  return summarize(text as unknown as UserExecutionContext);\n}',
  ],
  [
    'cast-downcast',
    'check',
    "import type { ContextBase } from '../services/context-base.js';\n" +
      'export function read(base: ContextBase): string {\n  return summarize(base as UserExecutionContext);\n}',
  ],
  ['any-flow', 'check', 'export function read(text: string): string {\n  return summarize(JSON.parse(text));\n}'],
]

export const violators: readonly Violator[] = bodies.map(([kind, refusedBy, body]) => ({
  kind,
  refusedBy,
  reportedAs: kind === 'cast-downcast' ? 'cast' : kind,
  file: `src/violators/${kind}.ts`,
  text: `${imports}${body}\n`,
}))

/** A second class of the name, with the sealed one's own fields. */
export const secondDefinition: Violator = {
  kind: 'definition-overlap',
  refusedBy: 'check',
  reportedAs: 'definition-overlap',
  file: 'src/violators/definition.ts',
  text:
    'export class UserExecutionContext {\n  constructor(\n    readonly userId: string,\n' +
    '    readonly threadId: string,\n    readonly runId: string,\n    readonly requestId: string,\n' +
    '    readonly agentContext: object,\n    readonly auditMetadata: object,\n  ) {}\n}\n',
}

/** Runs a judge while the violators stand in the tree. */
export function withPlanted<Verdict>(
  root: string,
  planted: readonly Pick<Violator, 'file' | 'text'>[],
  judge: () => Verdict,
): Verdict {
  for (const { file, text } of planted) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  try {
    return judge()
  } finally {
    for (const { file } of planted) rmSync(join(root, file))
  }
}
