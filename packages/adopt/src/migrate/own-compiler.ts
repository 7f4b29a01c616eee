/**
 * Asks the code base's own compiler, when one is installed, as its owner does: the same version, the same options.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'

/** One complaint, placed by file and code: lines move. `file` is relative to the root; empty where none is named. */
export type OwnDiagnostic = { readonly file: string; readonly code: number }

/** What the compiler said before a write and after it. */
export type OwnVerdict = {
  /** Versions that were run, as `5.9.3`. */
  readonly versions: readonly string[]
  readonly before: number
  readonly after: number
  /** Complaints that were not there before. When there is one, the write is put back. */
  readonly fresh: readonly OwnDiagnostic[]
}

/** The compilers of some projects, opened for two runs: the second looks only at what changed. */
export type OwnCompiler = {
  readonly versions: readonly string[]
  readonly run: (signal?: AbortSignal) => Promise<OwnDiagnostic[]>
  readonly close: () => void
}

/** @param configFiles - Absolute paths of the projects. Undefined when none of them has a compiler installed. */
export const openOwnCompiler = (root: string, configFiles: readonly string[]): OwnCompiler | undefined => {
  const installed = configFiles.flatMap((config) => {
    const compiler = findCompiler(config)
    return compiler ? [{ config, ...compiler }] : []
  })
  if (installed.length === 0) return undefined
  const cache = mkdtempSync(join(tmpdir(), 'adopt-own-compiler-'))
  return {
    versions: [...new Set(installed.map(({ version }) => version))].sort(),
    run: async (signal) => {
      const found: OwnDiagnostic[] = []
      for (const [index, { config, script, version }] of installed.entries()) {
        const buildInfo = join(cache, `${index}.tsbuildinfo`)
        found.push(...(await compile(root, script, toParameters(config, version, buildInfo), signal)))
      }
      return found
    },
    close: () => rmSync(cache, { recursive: true, force: true }),
  }
}

/** Complaints of `after` beyond their number in `before`. */
export const findFresh = (before: readonly OwnDiagnostic[], after: readonly OwnDiagnostic[]): OwnDiagnostic[] => {
  const left = new Map<string, number>()
  for (const one of before) left.set(keyOf(one), (left.get(keyOf(one)) ?? 0) + 1)
  return after.filter((one) => {
    const known = left.get(keyOf(one)) ?? 0
    if (known > 0) left.set(keyOf(one), known - 1)
    return known === 0
  })
}

const keyOf = ({ file, code }: OwnDiagnostic): string => `${code} ${file}`

type Installed = { readonly script: string; readonly version: string }

function findCompiler(config: string): Installed | undefined {
  try {
    const file = createRequire(config).resolve('typescript/package.json')
    const { version, bin } = JSON.parse(readFileSync(file, 'utf8')) as { version: string; bin: { tsc: string } }
    return { version, script: resolve(dirname(file), bin.tsc) }
  } catch {
    return undefined
  }
}

/** Nothing is emitted. What a composite or incremental project remembers goes into a directory of ours, not theirs. */
function toParameters(config: string, version: string, buildInfo: string): string[] {
  const remembers = Number(version.split('.')[0]) >= 4 ? ['--incremental', '--tsBuildInfoFile', buildInfo] : []
  return ['-p', config, '--noEmit', '--pretty', 'false', ...remembers]
}

async function compile(
  root: string,
  script: string,
  parameters: readonly string[],
  signal?: AbortSignal,
): Promise<OwnDiagnostic[]> {
  const child = spawn(process.execPath, [script, ...parameters], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(signal && { signal }),
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise<void>((done) => {
    child.once('close', () => done())
    child.once('error', () => done())
  })
  return parseDiagnostics(root, Buffer.concat(chunks).toString('utf8'))
}

/** `src/a.ts(3,5): error TS2322: …` and `error TS5023: …`; further lines of one are indented. */
function parseDiagnostics(root: string, output: string): OwnDiagnostic[] {
  return [...output.matchAll(/^(?:(\S.*?)\(\d+,\d+\): )?error TS(\d+):/gm)].map(([, file, code]) => ({
    file: file === undefined ? '' : relative(root, resolve(root, file)).split(sep).join('/'),
    code: Number(code),
  }))
}
