// Runs the built command as a user does: its own process, stdout and stderr apart.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { Report } from '../../src/report/report.ts'

export type Outcome = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }

const command = resolve('dist/bin.js')

export function runCommand(root: string, ...parameters: string[]): Outcome {
  const { NODE_OPTIONS: _options, FORCE_COLOR: _color, CI: _ci, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...parameters], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    env: { ...env, NO_COLOR: '1' },
  })
  return { exitCode: status, stdout, stderr }
}

/** `scan --format json`: exit code and report. Throws with stderr when there is no report. */
export function scanReport(
  root: string,
  ...parameters: string[]
): { readonly exitCode: number | null; readonly report: Report } {
  const { exitCode, stdout, stderr } = runCommand(root, 'scan', '--format', 'json', '--quiet', ...parameters)
  if (!stdout.startsWith('{')) throw new Error(`scan gave no report (exit ${exitCode}): ${stderr}`)
  return { exitCode, report: JSON.parse(stdout) as Report }
}
