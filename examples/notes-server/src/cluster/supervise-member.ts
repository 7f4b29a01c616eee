/**
 * Keeps a process of the cluster running: one that ends by itself is started again.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Orders, Ready } from './member.ts'

/** A process, and the one that took its place. */
export type Member = {
  /** Where it listens; undefined for a worker, and for a server that new clients should not come to. */
  readonly port: number | undefined
  readonly pid: number | undefined
  /** What it said at its first start. */
  readonly first: Ready
  /** Drains it, and waits until it is gone. */
  readonly stop: () => Promise<void>
}

const program = fileURLToPath(new URL('member.js', import.meta.url))
/** How often a server is asked whether it is ready. */
const checkMs = 400
const restartMs = 500

/** Starts a process, and resolves once it works. Rejects when its first start fails. */
export const superviseMember = async (orders: Orders, say: (text: string) => void): Promise<Member> => {
  let isStopping = false
  let child: ChildProcess
  let port: number | undefined
  let isReady = false
  let gone: Promise<void>

  const start = async (): Promise<Ready> => {
    const started = fork(program)
    child = started
    gone = new Promise((resolve) => started.once('exit', () => resolve()))
    started.send(orders)
    const ready = await new Promise<Ready>((resolve, reject) => {
      started.once('message', (message: Ready) => resolve(message))
      started.once('exit', () => reject(new Error('A process of the cluster did not start.')))
    })
    ;({ port } = ready)
    isReady = port !== undefined
    void gone.then(restart)
    return ready
  }
  const restart = async (): Promise<void> => {
    isReady = false
    while (!isStopping) {
      say(`A process that ${orders.role} has ended. It is started again.`)
      await pause(restartMs)
      if (isStopping || (await start().catch(() => undefined)) !== undefined) return
    }
  }
  const first = await start()
  const check = setInterval(() => void ask(), checkMs).unref()
  const ask = async (): Promise<void> => {
    if (port === undefined) return
    const at = port
    const answer = await fetch(`http://127.0.0.1:${at}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (at === port) isReady = answer
  }
  return {
    get port() {
      return isReady ? port : undefined
    },
    get pid() {
      return child.pid
    },
    first,
    stop: async () => {
      isStopping = true
      child.kill('SIGTERM')
      await gone
      clearInterval(check)
    },
  }
}
