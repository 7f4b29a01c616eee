// Runs the official conformance suite against an address, and reads what it says.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'

const { bin, version } = createRequire(import.meta.url)('./node_modules/@modelcontextprotocol/conformance/package.json')
export const suite = `@modelcontextprotocol/conformance ${version}`

/**
 * The outcome of each scenario that a protocol revision requires: how many checks passed and failed. What the suite
 * does not score is left out.
 */
export async function runConformance(url, revision) {
  const program = `node_modules/@modelcontextprotocol/conformance/${bin.conformance}`
  const output = await run([program, 'server', '--url', url, '--requirements', revision])
  const unscored = new Set(Array.from(output.matchAll(/^ {2}[✓✗] (\S+) \(/gm), ([, name]) => name))
  const rows = Array.from(output.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm), ([, name, passed, failed]) => ({
    name,
    passed: Number(passed),
    failed: Number(failed),
  }))
  if (rows.length === 0) throw new Error(`The suite did not run:\n${output.slice(-2000)}`)
  return rows.filter(({ name }) => !unscored.has(name))
}

function run(parameters) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (part) => (output += part))
    child.stderr.on('data', (part) => (output += part))
    child.on('close', () => resolve(output))
  })
}

/** Scenarios without a failed check. */
export const passing = (rows) => rows.filter(({ failed }) => failed === 0).map(({ name }) => name)
/** Checks that passed, in all scenarios. */
export const countChecks = (rows) => rows.reduce((sum, { passed }) => sum + passed, 0)
