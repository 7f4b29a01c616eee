import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { command, makeProject, type SmallProject } from './small-project.ts'

const config = 'user-execution-context.config.json'
const noConfig = { [config]: undefined, 'src/chat.ts': undefined, 'src/jobs.ts': undefined }

/** Runs the command on a terminal of its own, and types `keys` once it asks. */
async function runOnTerminal(project: SmallProject, words: string, keys?: string) {
  const child = spawn('script', ['-qec', `${process.execPath} ${command} ${words}`, '/dev/null'], {
    cwd: project.root,
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
    if (keys !== undefined && output.endsWith('[y/N] ')) child.stdin.write(keys)
  })
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const [exitCode] = await once(child, 'close')
  clearTimeout(late)
  return { exitCode, output }
}

describe('the command on a terminal', () => {
  test.each([
    ['\u0003', 130, false],
    ['\u0004', 1, false],
    ['no\n', 1, false],
    ['yes\n', 0, true],
  ])('init takes %j for an answer', async (keys, exitCode, isWritten) => {
    const project = makeProject(noConfig)
    expect((await runOnTerminal(project, 'init', keys)).exitCode).toBe(exitCode)
    expect(existsSync(join(project.root, config))).toBe(isWritten)
  })

  test.each(['scan --no-cache', 'check --no-cache', 'migrate', 'init --force'])(
    '%s takes its progress away before it prints',
    async (words) => {
      const { output } = await runOnTerminal(makeProject(), words)
      const shown = output.match(/\[\d\/6\]/g) ?? []
      expect(shown.length).toBeGreaterThan(1)
      // What follows a line of it, on the same line of the screen, takes it away.
      expect(output.match(/\[\d\/6\][^\r\n]*\r\u001b\[K/g)).toHaveLength(shown.length)
    },
  )
})
