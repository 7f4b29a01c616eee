#!/usr/bin/env node
/** The command. Loads the tool only when it is run, so that reading this file does nothing. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
// Before anything else is loaded: an older Node fails on the first import that it does not have, and names no version.
if (major > 20 || (major === 20 && minor >= 19)) void import('./run-process.ts').then(({ runProcess }) => runProcess())
else {
  console.error(`adopt needs Node.js 20.19 or newer, and this is ${process.versions.node}. Install a newer one.`)
  process.exitCode = 2
}

export {}
