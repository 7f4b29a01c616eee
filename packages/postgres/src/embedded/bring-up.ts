/**
 * From whatever a directory was left with to a server that answers.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { ContextError } from 'user-execution-context'
import { toDriverConfig } from '../connection/connection-target.ts'
import { adminName } from './cluster.ts'
import { findPostmaster, removeStaleLocks, startPostmaster, type Postmaster, type ServerPlace } from './postmaster.ts'

/** A server that answers, and whether it ran before. */
export type BroughtUp = { readonly postmaster: Postmaster; readonly isAdopted: boolean }

/** The first pause between two questions; each is longer than the one before. */
const firstPauseMs = 20
const longestPauseMs = 250

/**
 * Adopts a server of this directory that answers, waits for one that is stopping or starting, removes the lock file of
 * one that is gone, and starts one where none is left. Says what it did, unless it only started one.
 */
export const bringUp = async (
  place: ServerPlace,
  timeoutMs: number,
  onNotice: (text: string) => void,
): Promise<BroughtUp> => {
  const endMs = performance.now() + timeoutMs
  let started: Postmaster | undefined
  let isWaiting = false
  let pauseMs = firstPauseMs
  while (performance.now() < endMs) {
    const found = started?.isRunning() ? started : findPostmaster(place)
    if (found === undefined) {
      if (started !== undefined) throw unavailable()
      if (removeStaleLocks(place)) onNotice('A server that has ended left its lock file. It is removed.')
      started = startPostmaster(place)
      continue
    }
    const answer = await ask(place)
    if (answer === 'answers' && found !== 'hidden') {
      if (found === started) return { postmaster: found, isAdopted: false }
      onNotice('PostgreSQL of an earlier start still runs. This start goes on with it.')
      return { postmaster: found, isAdopted: true }
    }
    if (found !== started && !isWaiting) {
      isWaiting = true
      onNotice('A server of this directory is stopping or starting. Waiting for it.')
    }
    await sleep(pauseMs)
    pauseMs = Math.min(pauseMs * 1.25, longestPauseMs)
  }
  throw unavailable()
}

/** Whether the server takes connections. */
async function ask({ socketDirectory }: ServerPlace): Promise<'answers' | 'silent'> {
  const client = new pg.Client({
    ...toDriverConfig({ host: socketDirectory, user: adminName, database: 'postgres' }),
    connectionTimeoutMillis: 2_000,
  } as pg.ClientConfig)
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT')
    return 'answers'
  } catch {
    return 'silent'
  } finally {
    await client.end().catch(() => {})
  }
}

function unavailable(): ContextError {
  return new ContextError('ERR_CONTEXT_DATABASE_UNAVAILABLE', { fix: 'See server.log in the directory.' })
}
