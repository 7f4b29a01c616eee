// A small program in two files, migrated with --write, and run before and after: what its `handle` gives.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript-5.9'
import { migrate } from '../../src/migrate/migrate.ts'
import type { MigrateOptions, MigrateResult } from '../../src/migrate/migrate-options.ts'
import { scan } from '../../src/scan/scan.ts'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { strictConfig } from './migrate-case.ts'

export type ProgramRun = {
  /** What `handle('User_1')` of src/sites.ts gives, or the error that it throws. */
  readonly before: unknown
  readonly after: unknown
  readonly result: MigrateResult
  readonly reasons: readonly string[]
  readonly textOf: (file: string) => string
}

type ProgramOptions = {
  readonly files?: Readonly<Record<string, string>>
  /** One run for each. What is said is what the first says, and the reads that any leaves. */
  readonly steps?: readonly NonNullable<MigrateOptions['step']>[]
}

/** @param context - Text of src/context.ts, whose type is `RequestContext`. */
export async function runProgram(
  context: string,
  sites: string,
  { files: more = {}, steps = ['makers'] }: ProgramOptions = {},
): Promise<ProgramRun> {
  const root = mkdtempSync(join(tmpdir(), 'run-program-'))
  try {
    const files = { 'src/context.ts': context, 'src/sites.ts': sites, ...more }
    for (const [file, text] of Object.entries({
      'package.json': '{ "type": "module" }\n',
      'tsconfig.json': strictConfig.replace('"noUnusedLocals":true', '"noUnusedLocals":false'),
      ...files,
    })) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
    }
    installPackages(root)
    const before = await outcomeOf(root, 'before')
    const runs: MigrateResult[] = []
    for (const step of steps)
      runs.push(await migrate({ scan: { root, types: ['RequestContext'] }, write: true, step }, scan))
    const result = { ...runs[0]!, readsLeft: runs.flatMap(({ readsLeft }) => readsLeft) }
    const texts = new Map(Object.keys(files).map((file) => [file, readFileSync(join(root, file), 'utf8')] as const))
    const after = await outcomeOf(root, 'after')
    const reasons = result.left.map(({ reason }) => reason)
    return { before, after, result, reasons, textOf: (file) => texts.get(file)! }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

type Program = { readonly handle: (userId: string) => unknown }

async function outcomeOf(root: string, name: string): Promise<unknown> {
  const directory = join(root, name)
  mkdirSync(directory)
  for (const file of readdirSync(join(root, 'src'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, 'src', file), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    })
    writeFileSync(join(directory, file.replace(/\.ts$/, '.js')), outputText)
  }
  try {
    const { handle } = (await import(/* @vite-ignore */ pathToFileURL(join(directory, 'sites.js')).href)) as Program
    return handle('User_1')
  } catch (error) {
    return String(error)
  }
}
