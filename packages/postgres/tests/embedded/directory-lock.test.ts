import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { lockDirectory } from '../../src/embedded/directory-lock.ts'
import { newDirectory } from './apps.ts'

const byFile = (directory: string) => lockDirectory(directory, undefined, () => {}, 'file')
const endedPid = (): number => spawnSync(process.execPath, ['-e', '']).pid

describe('lockDirectory without flock', () => {
  it('refuses a second process, until the first gives it back', async () => {
    const directory = newDirectory()
    const lock = await byFile(directory)
    await expect(byFile(directory)).rejects.toMatchObject({ code: 'ERR_CONTEXT_STORE_IN_USE' })
    lock.release()
    expect(existsSync(join(directory, 'process.json'))).toBe(false)
    ;(await byFile(directory)).release()
  })

  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  it.each([
    ['takes over from a process that was killed', { host: hostname(), boot, pid: endedPid() }, true],
    ['takes over from a process before the last boot', { host: hostname(), boot: 'earlier', pid: process.pid }, true],
    ['refuses where another host holds it', { host: 'elsewhere', boot, pid: 1 }, false],
    ['refuses a pid of a running process', { host: hostname(), boot, pid: process.pid }, false],
  ])('%s', async (_title, holder, isTaken) => {
    const directory = newDirectory()
    writeFileSync(join(directory, 'process.json'), JSON.stringify(holder))
    const taking = byFile(directory).then(
      () => true,
      (error: unknown) => (error as { code: string }).code,
    )
    expect(await taking).toBe(isTaken ? true : 'ERR_CONTEXT_STORE_IN_USE')
  })
})

describe('lockDirectory without flock, by two at once', () => {
  const ended = { host: hostname(), boot: 'earlier', pid: process.pid }
  // What a process leaves that ends while it takes over from another one.
  const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')
  const stale = JSON.stringify(ended)
  const files = { 'process.json': stale }
  const claimed = { ...files, [`process.json.${digestOf(stale)}`]: stale }

  it.each([
    ['a file of an ended process', files],
    ['one that another ended process was taking over', claimed],
  ])(
    'lets one have it, over %s',
    async (_title, left) => {
      const directories = Array.from({ length: 500 }, () => {
        const directory = newDirectory()
        for (const [name, text] of Object.entries(left)) writeFileSync(join(directory, name), text)
        return directory
      })
      const arrived = new Int32Array(new SharedArrayBuffer(4))
      const workerData = { directories, arrived, threads: 2 }
      const racers = [1, 2].map(() => new Worker(new URL('lock-racer.run.mjs', import.meta.url), { workerData }))
      const won = (await Promise.all(racers.map((racer) => once(racer, 'message') as Promise<[number[]]>))).flat(2)
      expect(won.sort((a, b) => a - b)).toEqual(directories.map((_, round) => round))
      for (const directory of directories) expect(readdirSync(directory)).toEqual(['process.json'])
    },
    60_000,
  )
})

describe('lockDirectory with flock', () => {
  it('tells a second process that the directory is in use, and nothing of a lost lock', async () => {
    const directory = newDirectory()
    let lost = 0
    const byKernel = () => lockDirectory(directory, undefined, () => lost++, 'kernel')
    const lock = await byKernel()
    await expect(byKernel()).rejects.toMatchObject({ code: 'ERR_CONTEXT_STORE_IN_USE' })
    expect(lost).toBe(0)
    lock.release()
  })
})
