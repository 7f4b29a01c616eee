/**
 * Texts that stand for something of a user's, and for nothing to anybody else.
 */
import { assertLive } from '../context/live-context.ts'
import { encodeOwner } from '../facts/encode-key.ts'
import { findContextProof, type UserExecutionContext } from '../context/user-execution-context.ts'
import { ContextError } from '../errors/context-error.ts'
import { generateHandle, isHandle } from '../facts/generate-handle.ts'
import { toSha256 } from '../facts/sha-256.ts'
import { HandleEnds } from './handle-ends.ts'
import { parseHandleOptions, type OwnedHandlesOptions } from './handle-options.ts'
import type { HandleEntry } from './handle-store.ts'
import { endsLater, hasTieEnded, toTie } from './handle-tie.ts'
import { requireContext } from './require-context.ts'

// Captured before any other code can replace them.
const { freeze } = Object

/** Handles of users, from ownedHandles(). Frozen. */
export type OwnedHandles<Value> = {
  /**
   * Makes a handle of the user of the context. It ends when it is released, after `ttlMs`, and with the identity that
   * has used it: of those of its owner that opened or found it, the one whose proof lasts longest.
   *
   * @param context - Whose it becomes. From createForUser() or deriveChild().
   * @param value - What it stands for: anything but undefined; plain JSON, where the store is a database.
   * @returns 32 hex digits of 128 random bits. For the user; do not log it.
   * @throws {ContextError} `ERR_CONTEXT_TOO_MANY_HANDLES`, what assertLive() throws, `ERR_CONTEXT_CLOSED`,
   *   `ERR_CONTEXT_INVALID_OPTIONS` for undefined, and what the store rejects with.
   */
  readonly open: (context: UserExecutionContext, value: Value) => Promise<string>
  /**
   * What a handle of this user stands for, or undefined: a handle of another user, one that has ended, one that never
   * was and what is no handle at all are one and the same miss.
   *
   * @param context - The user's. From createForUser() or deriveChild().
   * @param handle - From the user. Anything.
   * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, what assertLive() throws, and what the store rejects with.
   */
  readonly find: (context: UserExecutionContext, handle: unknown) => Promise<Value | undefined>
  /**
   * Ends a handle of this user, also when the identity has ended: cleaning up is never refused. Waits for `onEnd`.
   *
   * @param context - The user's. From createForUser() or deriveChild().
   * @param handle - From the user. Anything.
   * @returns Whether there was one.
   * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, and what the store or `onEnd` rejects with.
   */
  readonly release: (context: UserExecutionContext, handle: unknown) => Promise<boolean>
  /**
   * Opens nothing more. Handles in the memory of this process end (`'closed'`); those in a store of yours stay there,
   * and this process stops waiting for their end. Again it changes nothing.
   */
  readonly close: () => Promise<void>
}

/**
 * Opens handles: opaque texts for what a client comes back to, such as a search, an upload or the state of an MCP
 * server. own() ties an object to its user; this ties a text, which is all that a client can send.
 *
 * The attacks it stops: another user's handle, guessed, logged or read from a shared screen, which is a miss like any
 * unknown text; an owner and a handle that run together in a key; a cache keyed by the request object, or a container
 * that memoises across requests, which answers the next user with the value of the last: each find() names its user; a
 * user who fills the store, so that others lose what is theirs; a handle that works after a sign-out; and a reader
 * of the store, which holds digests only.
 *
 * @param options - `ttlMs`, `maxPerUser`, `maxTotal`; `onEnd` to close what a handle stands for; `store`.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once.
 * @example
 * ```ts
 * import { ownedHandles, type UserExecutionContext } from 'user-execution-context'
 *
 * const searches = ownedHandles<{ readonly words: string }>({ ttlMs: 600_000, maxPerUser: 10, maxTotal: 10_000 })
 *
 * export const startSearch = (context: UserExecutionContext, words: string): Promise<string> =>
 *   searches.open(context, { words })
 * export const nextPage = async (context: UserExecutionContext, handle: string): Promise<string> =>
 *   (await searches.find(context, handle))?.words ?? 'Not found.'
 * ```
 */
export const ownedHandles = <Value>(options: OwnedHandlesOptions<Value>): OwnedHandles<Value> => {
  const parsed = parseHandleOptions(options)
  const { ttlMs, limits, store } = parsed
  const ends = new HandleEnds(parsed)
  let isClosed = false

  return freeze({
    open: async (context, value) => {
      requireContext(context)
      assertLive(context)
      if (isClosed) throw toClosedError()
      if (value === undefined)
        throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'value', kind: 'missing' }] })
      const proof = findContextProof(context)!
      const handle = generateHandle()
      const entry: HandleEntry<Value> = freeze({
        ownerKey: encodeOwner(context),
        handleDigest: toSha256(handle),
        endsAtMs: Date.now() + ttlMs,
        tie: toTie(context, proof),
        value,
      })
      const insertion = await store.insert(entry, limits)
      if (insertion !== 'kept') throw toFullError(insertion)
      if (isClosed) {
        await ends.end(entry.ownerKey, entry.handleDigest, 'closed')
        throw toClosedError()
      }
      ends.follow(entry, proof)
      void ends.sweep()
      // The identity may have ended while the store was asked: then the handle has ended with it.
      assertLive(context)
      return handle
    },
    find: async (context, handle) => {
      requireContext(context)
      assertLive(context)
      if (!isHandle(handle)) return undefined
      const proof = findContextProof(context)!
      const entry = await store.find(encodeOwner(context), toSha256(handle))
      if (entry === undefined) return undefined
      if (ends.hasEnded(entry) ?? hasTieEnded(entry.tie, context, proof)) {
        await ends.drop(entry)
        return undefined
      }
      const tie = toTie(context, proof)
      if (endsLater(tie, entry.tie)) {
        await store.retie(entry.ownerKey, entry.handleDigest, tie)
        if (!isClosed) ends.follow({ ...entry, tie }, proof)
        // Released while the store was asked: nothing would ever take it from what is followed.
        if ((await store.find(entry.ownerKey, entry.handleDigest)) === undefined) {
          await ends.drop(entry)
          return undefined
        }
      }
      // It may have ended while the store was asked.
      assertLive(context)
      return entry.value
    },
    release: async (context, handle) => {
      requireContext(context)
      if (!isHandle(handle)) return false
      return ends.end(encodeOwner(context), toSha256(handle), 'released')
    },
    close: async () => {
      isClosed = true
      await ends.close()
    },
  } satisfies OwnedHandles<Value>)
}

function toClosedError(): ContextError {
  return new ContextError('ERR_CONTEXT_CLOSED', { fix: 'Open no handle after close() of ownedHandles().' })
}

function toFullError(insertion: unknown): ContextError {
  // A store that answers anything else has kept nothing that we know of.
  return insertion === 'user full'
    ? new ContextError('ERR_CONTEXT_TOO_MANY_HANDLES')
    : new ContextError('ERR_CONTEXT_TOO_MANY_HANDLES', {
        fix: 'All users together have maxTotal handles: raise maxTotal, or shorten ttlMs. Nobody loses one.',
      })
}
