/**
 * A TCP proxy in front of a server that cuts all connections when told to, as a lost network does: no close frame, no
 * end of a chunked answer.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type CuttingProxy = {
  readonly port: number
  /** How many connections came in so far. */
  readonly connections: () => number
  /** Cuts every connection that is open. */
  readonly cut: () => void
  /** Refuses connections until restore(): the network is gone. */
  readonly block: () => void
  readonly restore: () => void
  /** Takes connections until restore() and lets nothing through: the network is there and somebody on it is not. */
  readonly swallow: () => void
  /** Lets nothing more through on the connections that are open, and closes none of them. New ones work. */
  readonly freeze: () => void
  readonly close: () => Promise<void>
}

/** Opens a proxy on a free port. The target may be named later than the proxy, but before its first client. */
export const openCuttingProxy = async (targetPort: () => number): Promise<CuttingProxy> => {
  const open = new Set<Socket>()
  let connections = 0
  let isBlocked = false
  let isSwallowing = false
  const proxy = createServer((client) => {
    if (isBlocked) {
      client.resetAndDestroy()
      return
    }
    connections++
    if (isSwallowing) {
      open.add(client.on('error', () => undefined).on('close', () => open.delete(client)))
      return
    }
    const target = connect(targetPort(), '127.0.0.1')
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    port: (proxy.address() as AddressInfo).port,
    connections: () => connections,
    cut,
    block: () => {
      isBlocked = true
      cut()
    },
    restore: () => {
      isBlocked = false
      isSwallowing = false
    },
    swallow: () => void (isSwallowing = true),
    freeze: () => {
      for (const socket of open) socket.unpipe().pause()
    },
    close: async () => {
      cut()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
