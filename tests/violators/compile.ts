// Compiles files with the tsc of one version and gives what it says, file by file.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { CompilerVersion } from '../forgery/forgeries.ts'
import { tscInProcess } from './tsc-in-process.ts'

/** Where each compiler lives. */
export const compilers: Readonly<Record<CompilerVersion, string>> = {
  '5.9': 'node_modules/typescript-5.9/bin/tsc',
  '6.0': 'node_modules/typescript-6.0/bin/tsc',
  '7.0': 'node_modules/typescript/bin/tsc',
}

/** One message of tsc: its code, and all its words in one line. */
export type Diagnostic = { readonly code: string; readonly text: string }

/** A consumer's strict settings. Never the settings of this repository: those would map the package back to src. */
const consumerOptions = {
  strict: true,
  noEmit: true,
  target: 'es2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
  lib: ['es2023', 'esnext.disposable'],
  skipLibCheck: true,
  allowJs: true,
  checkJs: false,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
}

/**
 * Compiles files of one directory as one program: every file is a module of its own, so none can see another. A file
 * that declares something for a whole module or the global scope must be compiled in a program of its own.
 *
 * @returns The messages of each file; a file without messages has an empty list.
 */
export const compile = (
  version: CompilerVersion,
  directory: string,
  files: readonly string[],
  options: object = {},
): ReadonlyMap<string, readonly Diagnostic[]> => {
  const project = join(directory, `tsconfig.${version}.${basename(files[0] ?? 'none')}.json`)
  writeFileSync(project, JSON.stringify({ compilerOptions: { ...consumerOptions, ...options }, files }))
  if (!existsSync(compilers[version])) throw new Error(`TypeScript ${version} is not installed.`)
  const { hasFailed, stdout, stderr } =
    version === '7.0'
      ? tscInChild(compilers[version], project)
      : {
          stdout: tscInProcess(`typescript-${version}`, project),
          stderr: '',
          hasFailed: undefined,
        }
  const found = new Map<string, Diagnostic[]>(files.map((file) => [file, []]))
  let latest: { code: string; text: string } | undefined
  for (const line of stdout.split('\n')) {
    const [, path, code, text] = /^(.+?)\(\d+,\d+\): error (TS\d+): (.*)$/.exec(line) ?? []
    if (path !== undefined) {
      latest = { code: code!, text: text! }
      const file = basename(path)
      found.set(file, [...(found.get(file) ?? []), latest])
    } else if (line.startsWith(' ') && latest) latest.text += ` ${line.trim()}`
    else if (line.trim() !== '') throw new Error(`tsc ${version} could not compile: ${line}`)
  }
  const count = [...found.values()].flat().length
  if (hasFailed === (count === 0))
    throw new Error(`tsc ${version} ${hasFailed ? 'failed' : 'passed'} with ${count} messages: ${stderr}`)
  return found
}

/** Whether a file speaks for more than itself and must be compiled alone. */
export const speaksForOthers = (text: string): boolean => /declare (module|global)/.test(text)

// The newest compiler is a native program, which has no other way in.
function tscInChild(compiler: string, project: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', project, '--pretty', 'false'], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  return { hasFailed: status !== 0, stdout, stderr }
}
