// Turns rows of the table into programs: files on disk that a compiler and the test runner can take.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Typescript from 'typescript-5.9'
import { forgeries, prelude, type Forgery, type Verdict } from './forgeries.ts'

const ts: typeof Typescript = createRequire(import.meta.url)('typescript-5.9')

/** A program that forges, and what is expected of it. */
export type ForgedProgram = {
  /** `context` or `user`. */
  readonly target: 'context' | 'user'
  readonly name: string
  /** File name below the directory. */
  readonly file: string
  /** The row's own lines, without the prelude. */
  readonly source: string
  readonly text: string
  readonly tsc: Verdict
  readonly runTime: Forgery['runTime']
}

/** All programs: every row, and once more those that forge a VerifiedUser too. */
export const forgedPrograms: readonly ForgedProgram[] = [
  ...forgeries.map((forgery) => toProgram(forgery, 'context')),
  ...forgeries.filter(({ ofUser }) => ofUser !== undefined).map((forgery) => toProgram(forgery, 'user')),
]

/** Writes all programs and a second copy of the package into an empty directory two levels below the root. */
export const writeForgedPrograms = (directory: string): void => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  cpSync('dist', join(directory, 'second-copy'), { recursive: true })
  for (const { file, text } of forgedPrograms) {
    writeFileSync(join(directory, file), text)
    writeFileSync(join(directory, toRunnable(file)), transpile(text))
  }
}

/**
 * Imports as Node does: vitest.config.ts keeps its transformations from these files, so what is attacked is what is
 * published.
 */
export const importNatively = (url: string): Promise<Readonly<Record<string, unknown>>> =>
  import(/* @vite-ignore */ url)

/** Runs a written program. It must export `forged`, unless it throws. */
export const runForgedProgram = async (directory: string, file: string): Promise<{ readonly forged: unknown }> => {
  const program = await importNatively(pathToFileURL(resolve(directory, toRunnable(file))).href)
  if (!('forged' in program)) throw new Error(`${file} exports no forged value.`)
  return program as { readonly forged: unknown }
}

function toRunnable(file: string): string {
  return file.replace(/\.[jt]s$/, '.run.mjs')
}

function transpile(text: string): string {
  return ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } })
    .outputText
}

function toProgram(forgery: Forgery, target: ForgedProgram['target']): ForgedProgram {
  const ofUser = target === 'user'
  const source = ofUser ? toUserWords(forgery.source) : forgery.source
  const tsc = ofUser && typeof forgery.ofUser === 'object' ? forgery.ofUser : forgery.tsc
  const language = forgery.language ?? 'ts'
  const start = language === 'js' ? prelude.replaceAll(/^import type .*\n/gm, '') : prelude
  return {
    target,
    name: forgery.name,
    file: `${target}-${forgery.name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.${language}`,
    source,
    text: `${start}${source}\n`,
    tsc: typeof tsc === 'object' && ofUser ? { ...tsc, says: toUserWords(tsc.says) } : tsc,
    runTime: forgery.runTime,
  }
}

/** The same forgery, aimed at a verified user instead of a context. */
function toUserWords(text: string): string {
  return text
    .replaceAll(
      'call createForUser() to obtain a UserExecutionContext',
      'call a function made by identityProvider() to obtain a VerifiedUser',
    )
    .replaceAll('UserExecutionContext', 'VerifiedUser')
    .replaceAll(/\bcontext\b(?!['/])/g, 'user')
}
