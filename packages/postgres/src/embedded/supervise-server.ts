/**
 * Starts a server again that ended by itself, and ends it with the process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { BroughtUp } from './bring-up.ts'
import { signal, stopPostmaster, type Postmaster } from './postmaster.ts'

/** A server that is watched. */
export type SupervisedServer = {
  /** Stops watching, then the server. */
  readonly stop: () => Promise<void>
}

const pauseMs = 250
/** The pause after a start that failed doubles up to this. */
const longestPauseMs = 8_000

/** Watches a server until it is stopped here. */
export const superviseServer = (
  first: Postmaster,
  restart: () => Promise<BroughtUp>,
  onNotice: (text: string) => void,
): SupervisedServer => {
  let current = first
  const stopping = new AbortController()
  // A process that ends without close() takes its server along; one that is killed leaves it to the next.
  const atExit = (): void => signal(current.pid, 'SIGINT')
  process.once('exit', atExit)
  const watching = watch()
  return {
    stop: async () => {
      process.off('exit', atExit)
      stopping.abort()
      await watching
      await stopPostmaster(current)
    },
  }

  async function watch(): Promise<void> {
    let waitMs = pauseMs
    while (!stopping.signal.aborted) {
      await sleep(waitMs, undefined, { ref: false, signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted || current.isRunning()) continue
      onNotice('The server has ended by itself. Starting it again.')
      try {
        current = (await restart()).postmaster
        waitMs = pauseMs
      } catch {
        waitMs = Math.min(waitMs * 2, longestPauseMs)
        onNotice('The server does not start. Trying again.')
      }
    }
  }
}
