#!/usr/bin/env node
/** The command `user-execution-context-postgres`. */
const { stdout, stderr, env, versions } = process
const [major = 0, minor = 0] = versions.node.split('.').map(Number)
// Before anything else is loaded: an older Node fails on the first import that it does not have, and names no version.
if (major > 20 || (major === 20 && minor >= 19)) {
  const { runCommand } = await import('./command/run-command.ts')
  process.exitCode = await runCommand(process.argv.slice(2), { stdout, stderr, env })
} else {
  const name = 'user-execution-context-postgres'
  stderr.write(`${name} needs Node.js 20.19 or newer, and this is ${versions.node}. Install a newer one.\n`)
  process.exitCode = 2
}

export {}
