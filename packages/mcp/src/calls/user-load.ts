/**
 * What each user has running, and how often they asked. A full user is refused; no other user notices.
 */
import { ContextError, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import type { McpLimits } from '../options/limits.ts'

/** What a user may hold several of at once. */
export type Held = 'concurrentCalls' | 'subscriptions' | 'sessions'

type Load = { windowStartMs: number; requests: number; readonly held: Record<Held, number> }

/** The counters of one server. */
export type UserLoad = {
  /** Counts requests. False when they are more than the user is allowed in this minute. */
  readonly countRequests: (context: UserExecutionContext, count: number) => boolean
  /**
   * Takes one of what a user may hold, until the function that it gives is called. A second call changes nothing.
   *
   * @throws {ContextError} `ERR_CONTEXT_TOO_MANY_CALLS`.
   */
  readonly hold: (context: UserExecutionContext, what: Held) => () => void
}

const windowMs = 60_000

/** Makes the counters. A user who holds nothing and asked for nothing in a minute is forgotten. */
export const newUserLoad = (limits: McpLimits): UserLoad => {
  const loads = new Map<string, Load>()
  let sweptMs = performance.now()
  /** Of the request that was counted last, which is often the one that calls. */
  let last: { readonly context: UserExecutionContext; readonly load: Load } | undefined

  const loadOf = (context: UserExecutionContext): Load => {
    const nowMs = performance.now()
    if (nowMs - sweptMs >= windowMs) {
      for (const [key, { windowStartMs, held }] of loads)
        if (nowMs - windowStartMs >= windowMs && Object.values(held).every((count) => count === 0)) loads.delete(key)
      last = undefined
      sweptMs = nowMs
    }
    const key = toOwnerKey(context)
    let load = loads.get(key)
    if (load === undefined) {
      load = { windowStartMs: nowMs, requests: 0, held: { concurrentCalls: 0, subscriptions: 0, sessions: 0 } }
      loads.set(key, load)
    } else if (nowMs - load.windowStartMs >= windowMs) {
      load.windowStartMs = nowMs
      load.requests = 0
    }
    return load
  }

  return Object.freeze({
    countRequests: (context: UserExecutionContext, count: number) => {
      const load = loadOf(context)
      last = { context, load }
      return (load.requests += count) <= limits.requestsPerMinute
    },
    hold: (context: UserExecutionContext, what: Held) => {
      const { held } = last?.context === context ? last.load : loadOf(context)
      if (held[what] >= limits[what])
        throw new ContextError('ERR_CONTEXT_TOO_MANY_CALLS', {
          issues: [{ path: `limits.${what}`, kind: 'too large' }],
        })
      held[what]++
      let isHeld = true
      return () => {
        if (isHeld) held[what]--
        isHeld = false
      }
    },
  })
}
