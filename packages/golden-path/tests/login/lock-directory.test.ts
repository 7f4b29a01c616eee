import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockDirectory } from '../../src/login/lock-directory.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'))
  path = join(directory, 'process.lock')
})
afterEach(() => rm(directory, { recursive: true }))

const inUse = { code: 'ERR_CONTEXT_STORE_IN_USE' }
/** The number of a process that has ended. */
const endedProcess = async (): Promise<number> => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'close')
  return child.pid!
}

describe('lockDirectory', () => {
  test('refuses a second server of the same process until the first lets go', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)))
    const unlocks = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(unlocks).toHaveLength(1)
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      ...inUse,
      message: expect.stringContaining('It is this process that has it open: close the first server, or give each'),
    })
    await unlocks[0]!.value()
    await (
      await lockDirectory(directory)
    )()
    expect(await readdir(directory)).toEqual([])
  })

  test('takes what a dead process left, also one of the same number, or one that died in taking it', async () => {
    const gone = await endedProcess()
    for (const left of ['', String(gone), `${gone} x`, `${process.pid} x`]) {
      await writeFile(path, left)
      await writeFile(`${path}.claim`, left)
      const unlock = await lockDirectory(directory)
      await expect(lockDirectory(directory)).rejects.toMatchObject(inUse)
      await unlock()
      expect(await readdir(directory)).toEqual([])
    }
  })

  test('leaves the lock of another server alone when it lets go twice', async () => {
    const unlock = await lockDirectory(directory)
    await unlock()
    const other = await lockDirectory(directory)
    await unlock()
    await expect(lockDirectory(directory)).rejects.toMatchObject(inUse)
    await other()
  })

  test('lets one of several processes in that start at once, also over a stale lock', async () => {
    const script = `
      import { createInterface } from 'node:readline'
      import { lockDirectory } from './dist/login/lock-directory.js'
      console.log('ready')
      for await (const line of createInterface({ input: process.stdin })) {
        console.log(await lockDirectory(line).then(() => 'in', ({ code }) => code))
      }`
    const children = Array.from({ length: 6 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
    })
    const read = (): Promise<string[]> =>
      Promise.all(children.map(async ({ lines }) => String((await lines.next()).value)))
    await read()
    const gone = String(await endedProcess())
    for (let round = 0; round < 20; round++) {
      const own = join(directory, String(round))
      await mkdir(own)
      if (round % 2 === 0) await writeFile(join(own, 'process.lock'), gone)
      for (const { child } of children) child.stdin.write(`${own}\n`)
      expect((await read()).toSorted()).toEqual([...Array<string>(5).fill(inUse.code), 'in'])
      const [processId] = (await readFile(join(own, 'process.lock'), 'utf8')).split(' ')
      expect(children.map(({ child }) => String(child.pid))).toContain(processId)
    }
    await Promise.all(children.map(({ child }) => (child.stdin.end(), once(child, 'close'))))
  }, 30_000)
})
