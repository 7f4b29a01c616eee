import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openEmbeddedPostgres } from '../../src/embedded/open-embedded-postgres.ts'
import { connectTo, isAlive, newDirectory, serverPid, startApp, until, usedDirectory } from './apps.ts'

const note = async (host: string, statement: string): Promise<readonly object[]> => {
  const client = await connectTo(host)
  const { rows } = await client.query<object>(statement)
  await client.end()
  return rows
}

describe('openEmbeddedPostgres', () => {
  it('keeps what was written, stops without a trace, and starts again', async () => {
    const directory = newDirectory()
    const first = await openEmbeddedPostgres({ directory: directory })
    await note(first.host, 'CREATE TABLE kept AS SELECT 1 AS one')
    const pid = serverPid(directory)
    await first.close()
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(join(directory, 'data/postmaster.pid'))).toBe(false)
    const notices: string[] = []
    const second = await openEmbeddedPostgres({ directory: directory, onNotice: (text) => notices.push(text) })
    expect(await note(second.host, 'SELECT one FROM kept')).toEqual([{ one: 1 }])
    expect([second.isAdopted, notices]).toEqual([false, []])
    await second.close()
  })

  it('has no TCP port, a socket in a directory of mode 0700, fsync on, and an environment of two names', async () => {
    const directory = await usedDirectory()
    const server = await openEmbeddedPostgres({ directory: directory })
    expect(statSync(server.host).mode & 0o777).toBe(0o700)
    const settings = await note(
      server.host,
      `SELECT name, setting FROM pg_settings
        WHERE name IN ('fsync', 'listen_addresses', 'data_checksums') ORDER BY name`,
    )
    expect(settings.map((row) => Object.values(row))).toEqual([
      ['data_checksums', 'on'],
      ['fsync', 'on'],
      ['listen_addresses', ''],
    ])
    const names = readFileSync(`/proc/${serverPid(directory)}/environ`, 'utf8')
      .split('\0')
      .map((pair) => pair.split('=')[0])
    expect(
      names.filter((name) => !/^(PATH|LC_ALL|PG_OOM_ADJUST_\w+|PGLOCALEDIR|PGSYSCONFDIR|LC_\w+|)$/.test(name!)),
    ).toEqual([])
    await server.close()
  })

  it('adopts the server that a killed process left, with all that was committed', async () => {
    const directory = await usedDirectory()
    const first = await startApp(directory)
    await note(first.said.host!, 'CREATE TABLE kept AS SELECT 1 AS one')
    const pid = serverPid(directory)
    await first.kill()
    expect(isAlive(pid)).toBe(true)
    const second = await startApp(directory)
    expect(second.said).toMatchObject({
      isAdopted: true,
      notices: [expect.stringContaining('goes on with it') as string],
    })
    expect(serverPid(directory)).toBe(pid)
    expect(await note(second.said.host!, 'SELECT one FROM kept')).toEqual([{ one: 1 }])
    await second.close()
    expect(isAlive(pid)).toBe(false)
  })

  it('waits for a server that is stopping, and starts another', async () => {
    const directory = await usedDirectory()
    const first = await startApp(directory)
    const client = await connectTo(first.said.host!)
    const pid = serverPid(directory)
    await first.kill()
    // It waits for its clients, and takes no new ones.
    process.kill(pid, 'SIGTERM')
    let isWaiting = false
    const opening = startApp(directory, (text) => {
      isWaiting = text.includes('Waiting')
    })
    await until(() => isWaiting)
    expect(isAlive(pid)).toBe(true)
    await client.end()
    const second = await opening
    expect(second.said).toMatchObject({ isAdopted: false, notices: [expect.stringContaining('Waiting') as string] })
    expect(serverPid(directory)).not.toBe(pid)
    await second.close()
  })

  it('removes a lock file whose pid was given to another program, and says so', async () => {
    const directory = await usedDirectory()
    const first = await startApp(directory)
    const pid = serverPid(directory)
    await first.kill()
    const lockFile = join(directory, 'data/postmaster.pid')
    const left = readFileSync(lockFile, 'utf8')
    process.kill(pid, 'SIGKILL')
    await until(() => !isAlive(pid))
    // As the account of the server, so that PostgreSQL itself would take it for a server and refuse to start.
    const { uid, gid } = statSync(directory)
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore', ...(process.getuid!() === 0 ? { uid, gid } : {}) })
    writeFileSync(lockFile, left.replace(String(pid), String(stranger.pid)))
    const second = await startApp(directory)
    expect(second.said).toMatchObject({ opened: true, notices: [expect.stringContaining('lock file') as string] })
    expect(isAlive(stranger.pid!)).toBe(true)
    await second.close()
    stranger.kill()
  })

  it('opens for one of two that start at once on nothing, and refuses the other with a sentence', async () => {
    const directory = newDirectory()
    const both = await Promise.all([startApp(directory), startApp(directory)])
    const opened = both.filter(({ said }) => said.opened)
    const [refused] = both.filter(({ said }) => !said.opened)
    expect(opened.length).toBe(1)
    expect(refused!.said).toMatchObject({
      code: 'ERR_CONTEXT_STORE_IN_USE',
      message: 'Another process uses this data directory. Stop that process, or give this one a directory of its own.',
    })
    await opened[0]!.close()
  })

  it('refuses a second process also where the first one is of another pid namespace: the kernel knows', async () => {
    const directory = await usedDirectory()
    const first = await startApp(directory)
    // What a container sees: the lock file names a pid that is nobody here.
    writeFileSync(join(directory, 'data/postmaster.pid'), '4000000\n')
    const second = await startApp(directory)
    expect(second.said.code).toBe('ERR_CONTEXT_STORE_IN_USE')
    await first.close()
  })

  it('refuses the data of another major version, and says what to do', async () => {
    const directory = newDirectory()
    mkdirSync(join(directory, 'data'))
    writeFileSync(join(directory, 'data/PG_VERSION'), '17\n')
    await expect(openEmbeddedPostgres({ directory: directory })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_STORE_UNREADABLE',
      message: expect.stringMatching(/PostgreSQL 17.*runs 18\. Export/) as string,
    })
    expect(readFileSync(join(directory, 'data/PG_VERSION'), 'utf8')).toBe('17\n')
  })

  it('makes the data anew that an initdb which was cut off left', async () => {
    const directory = newDirectory()
    mkdirSync(join(directory, 'data.new'))
    writeFileSync(join(directory, 'data.new/half'), '')
    const server = await openEmbeddedPostgres({ directory: directory })
    await server.close()
    expect(existsSync(join(directory, 'data.new'))).toBe(false)
  })

  it('starts the server again that ends by itself, with all that was committed', async () => {
    const directory = await usedDirectory()
    const notices: string[] = []
    const server = await openEmbeddedPostgres({ directory: directory, onNotice: (text) => notices.push(text) })
    await note(server.host, 'CREATE TABLE kept AS SELECT 1 AS one')
    const pid = serverPid(directory)
    process.kill(pid, 'SIGKILL')
    await until(async () => {
      const client = await connectTo(server.host).catch(() => undefined)
      await client?.end()
      return client !== undefined && serverPid(directory) !== pid
    })
    expect(await note(server.host, 'SELECT one FROM kept')).toEqual([{ one: 1 }])
    expect(notices[0]).toContain('ended by itself')
    await server.close()
    expect(isAlive(pid)).toBe(false)
  })

  it('takes a directory in which another start was cut off before it had a cluster', async () => {
    const directory = newDirectory()
    writeFileSync(join(directory, 'process.lock'), '')
    const server = await openEmbeddedPostgres({ directory: directory })
    await server.close()
  })

  it('takes no directory that holds other files', async () => {
    const directory = newDirectory()
    writeFileSync(join(directory, 'letter.txt'), 'hello')
    await expect(openEmbeddedPostgres({ directory: directory })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
    })
  })

  it('runs in a directory whose path is too long for a socket', async () => {
    const parent = newDirectory()
    chmodSync(parent, 0o755)
    const directory = join(parent, 'a'.repeat(80))
    const server = await openEmbeddedPostgres({ directory: directory })
    expect(await note(server.host, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await server.close()
  })

  it('makes the directories above its own so that its account gets through', async () => {
    const parent = newDirectory()
    chmodSync(parent, 0o755)
    const server = await openEmbeddedPostgres({ directory: join(parent, '.data/postgres') })
    expect(statSync(join(parent, '.data')).mode & 0o777).toBe(0o777 & ~process.umask())
    await server.close()
  })
})
