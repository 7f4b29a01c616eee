// A Redis of this project's own: found, or installed from Debian's package; without a port, in a directory of its own.
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apt, canInstall } from '../../scripts/apt.mjs'

const places = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server']

/**
 * Starts Redis on a socket of its own. Gives the path of the socket, and `close`, which ends it and removes its
 * directory.
 */
export async function openRedis() {
  const program = installRedis()
  // Short: the path of a socket holds 107 bytes.
  const directory = mkdtempSync(join(tmpdir(), 'redis-'))
  const path = join(directory, 'redis.sock')
  const settings = ['--port', '0', '--unixsocket', path, '--dir', directory, '--save', '', '--appendonly', 'no']
  const server = spawn(program, settings, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = new Promise((resolve) => server.once('close', resolve))
  const deadlineMs = Date.now() + 20_000
  while (!existsSync(path)) {
    if (server.exitCode !== null || Date.now() > deadlineMs) throw new Error(`Redis did not start:\n${output}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    path,
    version: /v=([\d.]+)/.exec(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout)[1],
    close: async () => {
      server.kill()
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function installRedis() {
  const found = findRedis()
  if (found !== undefined) return found
  if (canInstall()) {
    console.error("No Redis here: installing Debian's package (apt-get install redis-server)")
    apt('update')
    apt('install', '-y', '--no-install-recommends', 'redis-server')
  }
  const installed = findRedis()
  if (installed !== undefined) return installed
  throw new Error(
    'The queue cannot be tested: there is no Redis, and it could not be installed. Install it (on Debian as root: ' +
      'apt-get update && apt-get install -y --no-install-recommends redis-server).',
  )
}

function findRedis() {
  return places.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
