// A way to the server of the run that can be cut: a Unix socket of its own, which leads to the server's.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type CutConnection = {
  /** The folder of the socket, for a login. */
  readonly host: string
  /** Breaks all connections, and takes no new one until connect(). */
  readonly cut: () => void
  readonly connect: () => void
  readonly close: () => Promise<void>
}

export const openCutConnection = async (serverHost: string): Promise<CutConnection> => {
  const host = mkdtempSync(join(tmpdir(), 'uec-cut-'))
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy()
    const other = connect(join(serverHost, '.s.PGSQL.5432'))
    for (const [one, peer] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        peer.destroy()
      })
      one.pipe(peer)
    }
  })
  await new Promise<void>((resolve) => server.listen(join(host, '.s.PGSQL.5432'), resolve))
  const breakAll = (): void => sockets.forEach((socket) => void socket.destroy())
  return {
    host,
    cut: () => {
      isCut = true
      breakAll()
    },
    connect: () => void (isCut = false),
    close: async () => {
      breakAll()
      await new Promise((resolve) => server.close(resolve))
      rmSync(host, { recursive: true, force: true })
    },
  }
}
