/**
 * How a node hears that there is something new: NOTIFY wakes, and a poll in between heals what was not heard. A wake
 * carries digests, never a user or a run.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import pg from 'pg'
import { encodeKey } from 'user-execution-context'
import { keepAlive, toDriverConfig, type ConnectionTarget } from '../connection/connection-target.ts'
import { callable, count, optional, parseOptions, type Checks } from '../options/parse-options.ts'
import { connection, everyMs, pool as poolCheck } from '../options/port-checks.ts'
import { telling } from '../options/telling.ts'
import { HearingTest } from './hearing-test.ts'

/** What something new is about: shortened, because a wake that comes for nothing costs one look. */
export type Topic = string

/** The topic of names, such as a run of an owner. */
export const toTopic = (...names: readonly string[]): Topic =>
  createHash('sha256').update(encodeKey(names)).digest('base64url').slice(0, 12)

/** Options of {@link openWakeChannel}. */
export type WakeChannelOptions = {
  /** Sends: any role may. */
  readonly pool: pg.Pool
  /** Hears: a session of its own. */
  readonly listen: ConnectionTarget
  /** How long wakes are collected before one NOTIFY says them all, milliseconds, 0 to 60,000. Default 10. */
  readonly collectMs?: number | undefined
  /**
   * How often it is asked whether the connection that hears still answers, and still hears what this process sends,
   * milliseconds, 1 to 86,400,000. Default 10,000.
   */
  readonly checkMs?: number | undefined
  /**
   * Told when the node cannot hear, and why, and when it can again: once it has heard a notification of its own.
   * `'lost'`: there is no connection. `'deaf'`: there is one, and nothing comes, as behind a pooler.
   */
  readonly onState?: ((isHeard: boolean, why?: 'lost' | 'deaf') => void) | undefined
}

const checks: Checks<WakeChannelOptions> = {
  pool: poolCheck,
  listen: connection,
  collectMs: optional(count(0, 60_000)),
  checkMs: optional(everyMs),
  onState: optional(callable),
}

/** Hears the topics of a wake; undefined when anything may have been missed. */
export type WakeListener = (topics: ReadonlySet<Topic> | undefined) => void

/** Wakes of one database. */
export type WakeChannel = {
  /**
   * Says that there is something new, which is in the database. Listeners of this channel are called now, and not again
   * when the notification comes back. Never throws, promises nothing: a caller that must know looks now and then.
   *
   * @param knownTo - A listener that knows it already, and is not called. Default: none does.
   */
  readonly wake: (topics: Iterable<Topic>, knownTo?: WakeListener) => void
  /** Calls a listener for each wake, until what is returned is called. */
  readonly hear: (listener: WakeListener) => () => void
  /** Whether this process has heard what it sent itself. Until it has, it goes by what it polls. */
  readonly isHeard: boolean
  readonly close: () => Promise<void>
}

const channel = 'uec_wake'
/**
 * Begins the name of the sender, which stands before the topics of a wake. No topic begins with it: a node of an older
 * version takes the name for a topic that nobody follows, and sends none.
 */
const senderMark = '~'
/** How long a server may take to let the connection that hears in, milliseconds. */
const connectMs = 10_000
/** How long it may take to end it, milliseconds. */
const goodbyeMs = 1_000
/** A NOTIFY takes less than 8,000 bytes. */
const topicsPerWake = 500

/**
 * Opens the wakes of a database: one for a process, shared by its log and its queue.
 *
 * @param options - The pool that sends, and the address that hears. A pooler in transaction mode cannot hear: `listen`
 *   then names the server itself.
 * @returns The channel. Close it before the pools.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { openWakeChannel, type Postgres } from '@user-execution-context/postgres'
 *
 * export const openWakes = (postgres: Postgres) =>
 *   openWakeChannel({
 *     pool: postgres.service,
 *     listen: postgres.listen,
 *     onState: (isHeard, why) => console.warn(isHeard ? 'The node hears wakes.' : `The node polls: ${why}.`),
 *   })
 * ```
 */
export const openWakeChannel = (options: WakeChannelOptions): WakeChannel => {
  const { pool, listen, collectMs = 10, checkMs = 10_000, ...own } = parseOptions(options, checks)
  const onState = telling(own.onState)
  const listeners = new Set<WakeListener>()
  // Says nothing of the process but that it is another one.
  const sender = `${senderMark}${randomBytes(9).toString('base64url')}`
  let collected = new Set<Topic>()
  let timer: NodeJS.Timeout | undefined
  let sentAtMs = -Infinity
  let client: pg.Client | undefined
  let reconnect: NodeJS.Timeout | undefined
  let isClosed = false
  let pauseMs = 50
  let state: 'heard' | 'lost' | 'deaf' | undefined

  const tell = (topics: ReadonlySet<Topic> | undefined, knownTo?: WakeListener): void => {
    for (const listener of listeners) if (listener !== knownTo) telling(listener)(topics)
  }
  const hear = (payload: string): void => {
    const [first = '', ...others] = payload.split(',')
    // Its listeners were called when it was sent. What other processes add to the same topics, they say themselves.
    if (first !== sender) tell(new Set(first.startsWith(senderMark) ? others : [first, ...others]))
  }
  const become = (next: 'heard' | 'lost' | 'deaf'): void => {
    if (state === next || isClosed) return
    state = next
    if (next === 'heard') onState(true)
    else onState(false, next)
  }
  const notify = (payload: string): Promise<unknown> =>
    pool.query('SELECT pg_catalog.pg_notify($1, $2)', [channel, payload])
  const send = (): void => {
    timer = undefined
    sentAtMs = performance.now()
    const all = [...collected]
    collected = new Set()
    for (let from = 0; from < all.length; from += topicsPerWake) {
      const text = [sender, ...all.slice(from, from + topicsPerWake)].join(',')
      notify(text).catch(() => undefined)
    }
  }
  const connect = async (): Promise<void> => {
    reconnect = undefined
    const timeouts = { connectionTimeoutMillis: connectMs, query_timeout: checkMs }
    const next = new pg.Client({ ...toDriverConfig(listen), ...keepAlive, ...timeouts } as pg.ClientConfig)
    client = next
    // A network that forgot the connection says nothing: after a silence this process asks.
    const check = setInterval(() => {
      if (!test.isAwaited) next.query('SELECT').then(() => test.run(), lose)
    }, checkMs).unref()
    const test = new HearingTest(notify, (isHeard) => {
      if (client === next) become(isHeard ? 'heard' : 'deaf')
    })
    const lose = (): void => {
      clearInterval(check)
      test.stop()
      if (client !== next) return
      client = undefined
      become('lost')
      next.end().catch(() => undefined)
      if (isClosed) return
      reconnect = setTimeout(() => void connect(), pauseMs)
      pauseMs = Math.min(pauseMs * 2, 2_000)
    }
    next.on('error', lose)
    next.on('end', lose)
    next.on('notification', ({ payload = '' }) => {
      if (!test.take(payload)) hear(payload)
    })
    try {
      await next.connect()
      await next.query(`LISTEN ${channel}`)
      pauseMs = 50
      test.run()
      // Whatever was said while nobody listened.
      tell(undefined)
    } catch {
      lose()
    }
  }
  void connect()

  return Object.freeze({
    wake: (given: Iterable<Topic>, knownTo?: WakeListener) => {
      const topics = new Set(given)
      if (topics.size === 0 || isClosed) return
      for (const topic of topics) collected.add(topic)
      // Later: a listener must not run inside its notifier.
      queueMicrotask(() => tell(topics, knownTo))
      if (timer !== undefined) return
      // The first goes out at once: a process that waits for it has heard nothing for a while.
      const waitMs = sentAtMs + collectMs - performance.now()
      if (waitMs <= 0) send()
      else timer = setTimeout(send, waitMs)
    },
    hear: (listener: WakeListener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get isHeard() {
      return state === 'heard'
    },
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      clearTimeout(reconnect)
      const last = client
      client = undefined
      if (last !== undefined) await endClient(last)
    },
  })
}

/** A server that is not there any more does not say goodbye. */
async function endClient(client: pg.Client): Promise<void> {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection
  const timer = setTimeout(() => stream.destroy(), goodbyeMs)
  await client.end().catch(() => undefined)
  clearTimeout(timer)
}
