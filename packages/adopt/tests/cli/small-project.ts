// A small code base of its own for the command line, and the built command run in it as a user runs it.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll } from 'vitest'

export const command = resolve('dist/bin.js')

const made: string[] = []
afterAll(() => made.forEach((directory) => rmSync(directory, { recursive: true, force: true })))

export type Outcome = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }

export type SmallProject = {
  readonly root: string
  readonly run: (words: readonly string[], env?: Readonly<Record<string, string>>) => Outcome
  readonly write: (file: string, text: string) => void
  readonly read: (file: string) => string
  readonly remove: (file: string) => void
  readonly git: (...words: readonly string[]) => string
  readonly commit: () => void
}

export const files = {
  'tsconfig.json':
    '{ "compilerOptions": { "strict": true, "target": "es2022", "lib": ["es2022"], "module": "esnext", ' +
    '"moduleResolution": "bundler", "noEmit": true }, "include": ["src"] }\n',
  'package.json': '{ "name": "small", "private": true, "type": "module" }\n',
  'src/context.ts': 'export interface RequestContext {\n  readonly userId: string\n  readonly requestId: string\n}\n',
  'src/chat.ts': `import type { RequestContext } from './context'
export const reply = (context: RequestContext): string => context.userId
export const handle = (userId: string): string => reply({ userId, requestId: 'r1' })
`,
  'src/jobs.ts': `import { reply } from './chat'
import type { RequestContext } from './context'
export function nightly(body: unknown): string {
  const context = body as RequestContext
  return reply(context)
}
`,
  'user-execution-context.config.json': '{ "types": ["RequestContext"] }\n',
} as const

/**
 * Writes the files (undefined leaves one out) and gives the ways to work with them. PATH is all of the environment that
 * is passed on.
 */
export const makeProject = (changes: Readonly<Record<string, string | undefined>> = {}): SmallProject => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'small-')))
  made.push(root)
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  for (const [file, text] of Object.entries({ ...files, ...changes })) if (text !== undefined) write(file, text)
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: root, encoding: 'utf8' })
  git('init', '-q', '-b', 'main')
  return {
    root,
    write,
    git,
    read: (file) => readFileSync(join(root, file), 'utf8'),
    remove: (file) => rmSync(join(root, file)),
    commit: () => {
      git('add', '-A')
      git('commit', '-qm', 'step')
    },
    run: (words, env = {}) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...words], {
        cwd: root,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], ...env },
      })
      return { exitCode: status, stdout, stderr }
    },
  }
}
