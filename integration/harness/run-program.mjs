import { spawn } from 'node:child_process'

/** Runs a program to its end. Gives its exit code, its standard output, and both outputs together. Never rejects. */
export function runProgram(file, parameters, { cwd, environment = {}, timeoutMs = 300_000 } = {}) {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...environment }
    const child = spawn(file, parameters, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let output = ''
    const timer = setTimeout(() => {
      output += `\nStopped after ${timeoutMs / 1000} seconds.\n`
      child.kill('SIGKILL')
    }, timeoutMs)
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      output += chunk
    })
    child.stderr.on('data', (chunk) => (output += chunk))
    const end = (exitCode) => {
      clearTimeout(timer)
      resolve({ exitCode, stdout, output })
    }
    child.on('error', (error) => {
      output += error.message
      end(1)
    })
    child.on('close', (exitCode) => end(exitCode ?? 1))
  })
}
