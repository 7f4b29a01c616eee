// The legacy code base in a temporary directory, and the compiler and the tests that judge it.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { generateLegacyApp, type GroundTruth } from '../fixtures/legacy-app/generate.mjs'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'

export const projects = ['.', 'jobs', 'workers'] as const

export type LegacyApp = { readonly root: string; readonly truth: GroundTruth; readonly remove: () => void }

/** Writes the code base and installs its packages. */
export function openLegacyApp(options: { seed?: number; tsconfig?: 'modern' | 'old' } = {}): LegacyApp {
  const root = mkdtempSync(join(tmpdir(), 'legacy-app-'))
  const truth = generateLegacyApp(root, options)
  installPackages(root)
  return { root, truth, remove: () => rmSync(root, { recursive: true, force: true }) }
}

export function commitAll(root: string): void {
  const git = (...parameters: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=legacy', '-c', 'user.email=legacy@localhost', ...parameters], {
      cwd: root,
      stdio: 'ignore',
    })
  git('init', '-q')
  git('add', '-A')
  git('commit', '-q', '--allow-empty', '-m', 'State')
}

/** Diagnostics of the pinned compiler, empty when green. */
export function compilerErrors(root: string, checked: readonly string[] = projects): string {
  const tsc = resolve('../../node_modules/typescript/bin/tsc')
  return checked.map((project) => run(tsc, ['-p', join(root, project), '--noEmit'], root).output).join('')
}

/** Imports and locals that nothing uses, as the pinned compiler lists them, without their places. */
export function unusedNames(root: string): string {
  const tsc = resolve('../../node_modules/typescript/bin/tsc')
  const lines = projects.flatMap((project) =>
    run(tsc, ['-p', join(root, project), '--noEmit', '--noUnusedLocals'], root).output.split('\n'),
  )
  return lines
    .filter((line) => /error TS6133|error TS6192|error TS6196/.test(line))
    .map((line) => line.replace(/\(\d+,\d+\)/, ''))
    .sort()
    .join('\n')
}

/** Compiles the code base and runs its own tests. */
export function runOwnTests(
  root: string,
  built: readonly string[] = projects,
): {
  readonly passed: number
  readonly failed: number
  readonly output: string
} {
  const outcomes = built.map((project) => {
    const compiled = run(resolve('../../node_modules/typescript/bin/tsc'), ['-p', join(root, project)], root)
    const ran = run('--test', [join(root, project, 'build/tests/all.test.js')], root)
    return {
      passed: countOf('pass', ran.output),
      failed: countOf('fail', ran.output) + (compiled.exitCode === 0 && ran.exitCode === 0 ? 0 : 1),
      output: `${compiled.output}${ran.exitCode === 0 ? '' : ran.output}`,
    }
  })
  const sum = (key: 'passed' | 'failed'): number => outcomes.reduce((total, outcome) => total + outcome[key], 0)
  return { passed: sum('passed'), failed: sum('failed'), output: outcomes.map(({ output }) => output).join('') }
}

function countOf(word: 'pass' | 'fail', output: string): number {
  return Number(new RegExp(`^[#ℹ] ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? 0)
}

function run(
  script: string,
  parameters: readonly string[],
  cwd: string,
): { readonly exitCode: number; readonly output: string } {
  const { NODE_TEST_CONTEXT: _inherited, NODE_OPTIONS: _options, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...parameters], {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return { exitCode: status ?? 1, output: `${stdout}${stderr}` }
}
