// A code base of four files, for runs that must fail fast and leave everything as it was.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { commitAll } from './legacy-app.ts'

export const smallApp: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "small-app", "private": true, "type": "module" }\n',
  '.gitignore': 'node_modules\nbuild\n',
  'tsconfig.json':
    '{ "compilerOptions": { "target": "es2022", "module": "nodenext", "strict": true, "types": ["node"], ' +
    '"skipLibCheck": true, "rootDir": "src" }, "include": ["src"] }\n',
  'src/user-execution-context.ts': `export class UserExecutionContext {
  readonly userId: string;
  readonly threadId: string;
  readonly runId: string;
  constructor(userId: string, threadId: string, runId: string) {
    this.userId = userId;
    this.threadId = threadId;
    this.runId = runId;
  }
}
`,
  'src/read.ts': `import type { UserExecutionContext } from './user-execution-context.js';

export function read(context: UserExecutionContext): string {
  return context.userId;
}
`,
  'src/first.ts': `import { UserExecutionContext } from './user-execution-context.js';
import { read } from './read.js';

export function first(userId: string): string {
  return read(new UserExecutionContext(userId, 'thread_1', 'run_1'));
}
`,
  'src/second.ts': `import { read } from './read.js';

export function second(userId: string): string {
  return read({ userId, threadId: 'thread_2', runId: 'run_2' });
}
`,
}

/**
 * Writes the code base, changed by `changes` (undefined leaves a file out), and commits it. @returns its absolute root
 */
export function openSmallApp(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'small-app-'))
  for (const [file, text] of Object.entries({ ...smallApp, ...changes }))
    if (text !== undefined) writeIn(root, file, text)
  installPackages(root)
  commitAll(root)
  return root
}

export function writeIn(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

/** Every file outside node_modules and .git with its text: equal before and after when nothing was half-written. */
export function snapshotOf(root: string, directory = ''): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const name of readdirSync(join(root, directory)).sort()) {
    const path = directory === '' ? name : `${directory}/${name}`
    const stats = lstatSync(join(root, path))
    if (name === 'node_modules' || name === '.git') continue
    if (stats.isSymbolicLink()) texts[path] = '(link)'
    else if (stats.isDirectory()) Object.assign(texts, snapshotOf(root, path))
    else texts[path] = readFileSync(join(root, path), 'utf8')
  }
  return texts
}

export function removeTree(root: string): void {
  rmSync(root, { recursive: true, force: true })
}
