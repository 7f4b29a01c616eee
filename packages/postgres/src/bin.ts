#!/usr/bin/env node
/** The command `user-execution-context-postgres`. */
import { runCommand } from './command/run-command.ts'

const { stdout, stderr, env } = process
process.exitCode = await runCommand(process.argv.slice(2), { stdout, stderr, env })
