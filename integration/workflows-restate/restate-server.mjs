// A Restate server of this project's own, on ports of the loopback, with its data in a directory of its own.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Starts the server. Gives the addresses of its ingress and its administration, its directory, and `close`. */
export async function openRestate(program) {
  const directory = mkdtempSync(join(tmpdir(), 'restate-'))
  const [ingress, admin, node] = await Promise.all([freePort(), freePort(), freePort()])
  const environment = {
    PATH: process.env.PATH,
    DO_NOT_TRACK: '1',
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
    RESTATE_DISABLE_TELEMETRY: 'true',
  }
  const words = ['--base-dir', directory, '--node-name', 'one']
  const server = spawn(program, words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = new Promise((resolve) => server.once('close', resolve))
  const isUp = (address) =>
    fetch(address).then(
      ({ ok }) => ok,
      () => false,
    )
  const deadlineMs = Date.now() + 120_000
  while (
    !(await isUp(`http://127.0.0.1:${admin}/health`)) ||
    !(await isUp(`http://127.0.0.1:${ingress}/restate/health`))
  ) {
    if (server.exitCode !== null || Date.now() > deadlineMs)
      throw new Error(`Restate did not start:\n${output.slice(-3000)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    ingress: `http://127.0.0.1:${ingress}`,
    admin: `http://127.0.0.1:${admin}`,
    directory,
    close: async () => {
      server.kill('SIGKILL')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
