import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
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
