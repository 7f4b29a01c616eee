/**
 * The sealed Scope: a lifetime for one context, with cleanups, an abort signal and child scopes. A context is data and
 * owns nothing.
 */
import {
  assertUserExecutionContext,
  deriveChild,
  type UserExecutionContext,
} from '../context/user-execution-context.ts'
import { watchIdentity } from '../context/live-context.ts'
import { ContextError } from '../errors/context-error.ts'
import { isPlainObject } from '../facts/json-copy.ts'
import type { PlatformAbortSignal, PlatformAsyncDisposable } from './platform-types.ts'
import { invalid, parseScopeOptions, type ChildScopeOptions, type ScopeOptions } from './scope-options.ts'

const { defineProperty, freeze } = Object // Captured before any other code can replace them.
/** Frees something. What it returns is awaited; what it throws is collected. */
export type Cleanup = () => unknown

type Entry = { readonly close: Cleanup; readonly abort?: (reason: unknown) => void }

let mint: (context: UserExecutionContext, options: ScopeOptions) => Scope
let isMinted: (value: unknown) => boolean
let abortNow: (scope: Scope, reason: unknown) => void
let listen: (scope: Scope, listener: (reason: unknown) => void) => void

/**
 * The lifetime of one piece of work. Made by openScope() and runInScope(); closes itself at the end of `await using`.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- the static block makes the interface's member
class Scope {
  /** Whose work it is. */
  readonly context: UserExecutionContext
  #entries: Set<Entry> | undefined // Made when the first comes: most scopes of a request free nothing.
  #aborted: { readonly reason: unknown } | undefined
  #controller: AbortController | undefined
  #listener: ((reason: unknown) => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #unwatch: (() => void) | undefined
  #closing: Promise<void> | undefined
  #leave: (() => void) | undefined

  private constructor(context: UserExecutionContext, options: ScopeOptions, join?: (scope: Entry) => () => void) {
    // Code that holds a scope may trust scope.context: a forged context and `scope.context = other` end here.
    assertUserExecutionContext(context)
    this.context = context
    freeze(this)
    const { timeoutMs, signal } = options
    if (join !== undefined || signal !== undefined) this.#join(join, signal)
    if (timeoutMs !== undefined && this.#aborted === undefined) {
      this.#timer = setTimeout(() => this.#abort(new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')), timeoutMs)
    }
  }

  static {
    mint = (context, options) => new Scope(context, options)
    isMinted = (value) => typeof value === 'object' && value !== null && #entries in value
    abortNow = (scope, reason) => scope.#abort(reason)
    listen = (scope, listener) => {
      if (scope.#aborted) listener(scope.#aborted.reason)
      else scope.#listener = listener
    }
    // What `await using` calls. A browser that does not know the symbol has no use for it.
    if (Symbol.asyncDispose !== undefined) {
      defineProperty(Scope.prototype, Symbol.asyncDispose, { value: Scope.prototype.close })
    }
    // No way back to the class. An own one, because util.inspect() calls the getters of a prototype that has none.
    defineProperty(Scope.prototype, 'constructor', { value: Object })
    freeze(Scope.prototype)
    freeze(Scope)
  }

  /**
   * Aborts when the scope closes, runs out of time, its identity ends (with that error as the reason), or its parent or
   * caller aborts. Made on first use.
   */
  get signal(): PlatformAbortSignal {
    assertScope(this)
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(toReason(this.#aborted.reason))
      // Only now: a scope whose signal nobody reads costs no listener.
      else this.#unwatch = watchIdentity(this.context, (error) => this.#abort(error))
    }
    return this.#controller.signal
  }

  /** Whether close() was called. A closed scope takes no cleanups and no children. */
  get isClosed(): boolean {
    assertScope(this)
    return this.#closing !== undefined
  }

  /**
   * Runs a cleanup when the scope closes: exactly once, last in first out, awaited, whatever the others do.
   *
   * @throws {ContextError} `ERR_CONTEXT_SCOPE_CLOSED` when it is too late: free the resource yourself.
   */
  defer(cleanup: Cleanup): void {
    assertScope(this)
    if (typeof cleanup !== 'function') throw invalid([{ path: 'cleanup', kind: 'not a function' }])
    this.#assertOpen()
    this.#add({ close: cleanup })
  }

  /**
   * Opens a scope for a sub-agent or a tool, with a child context. It closes before this one, aborts with this one, and
   * frees nothing of this one's.
   *
   * @throws {ContextError} `ERR_CONTEXT_SCOPE_CLOSED`, and what deriveChild() throws.
   */
  child<const Reason extends string = never>(operation: string, options: ChildScopeOptions<Reason> = {}): Scope {
    assertScope(this)
    this.#assertOpen()
    // A rest takes own keys alone: the rights that a class narrows would be lost, and the child have all.
    if (!isPlainObject(options)) throw invalid([{ path: '', kind: 'not a plain object' }])
    const { timeoutMs, signal, ...additions } = options
    const lifetime = parseScopeOptions({ timeoutMs, signal })
    const child = new Scope(deriveChild(this.context, operation, additions), lifetime, (entry) => {
      this.#add(entry)
      return () => this.#entries?.delete(entry)
    })
    if (this.#aborted) child.#abort(this.#aborted.reason)
    return child
  }

  /**
   * Aborts the signal, then closes children and runs cleanups, last in first out. A second call waits for the first, so
   * a cleanup must not await it.
   *
   * @throws {ContextError} `ERR_CONTEXT_CLEANUP_FAILED`, with every failure in `errors`.
   */
  close(): Promise<void> {
    assertScope(this)
    if (this.#closing === undefined && !this.#entries?.size && this.#controller === undefined) {
      // Most scopes of a request: nothing to free, and nobody who would hear of it.
      this.#closing = Promise.resolve()
      this.#listener = undefined
      this.#abort(closedReason)
      this.#leave?.()
      this.#leave = undefined
    }
    if (this.#closing === undefined) {
      // Set before anything runs: a cleanup or a listener that comes back here must find the scope closed.
      let follow: (closing: Promise<void>) => void = () => {}
      this.#closing = new Promise((resolve) => (follow = resolve))
      follow(this.#close())
    }
    return this.#closing
  }

  /** Ties this scope to what may end it: a parent, or the signal of its caller. */
  #join(join: ((scope: Entry) => () => void) | undefined, signal: PlatformAbortSignal | undefined): void {
    const leaveParent = join?.({ close: () => this.close(), abort: (reason) => this.#abort(reason) })
    const abort = (): void => this.#abort(signal?.reason)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
    this.#leave = () => {
      leaveParent?.()
      // Without this, every scope would stay reachable from a long-lived signal (80 bytes each with AbortSignal.any).
      signal?.removeEventListener('abort', abort)
    }
  }

  #add(entry: Entry): void {
    this.#entries ??= new Set()
    this.#entries.add(entry)
  }

  async #close(): Promise<void> {
    this.#listener = undefined
    this.#abort(closedReason)
    const errors: unknown[] = []
    for (const entry of [...(this.#entries ?? [])].reverse()) {
      // A child that closed by itself meanwhile has taken itself out.
      if (!this.#entries?.delete(entry)) continue
      try {
        await entry.close()
      } catch (error) {
        errors.push(...(isCleanupFailure(error) ? error.errors : [error]))
      }
    }
    this.#leave?.()
    this.#leave = undefined
    if (errors.length > 0) throw new ContextError('ERR_CONTEXT_CLEANUP_FAILED', { errors, cause: errors[0] })
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = reason === closedReason ? inGoodOrder : { reason }
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    this.#unwatch?.()
    if (this.#entries !== undefined) for (const entry of [...this.#entries]) entry.abort?.(reason)
    this.#controller?.abort(toReason(reason))
    this.#listener?.(reason)
  }

  #assertOpen(): void {
    if (this.#closing) throw new ContextError('ERR_CONTEXT_SCOPE_CLOSED')
  }
}

interface Scope extends PlatformAsyncDisposable {}

export type { Scope }

/** The reason of a scope that closed in good order. */
const closedReason = Symbol('closed')

/** What all scopes share that closed in good order. */
const inGoodOrder = freeze({ reason: closedReason as unknown })

/**
 * Aborts a scope with a reason: its signal aborts, its children abort, and it stays open for its cleanups until it
 * closes. For the code that opened the scope; it costs less than an AbortController for each.
 *
 * @param scope - From openScope(), runInScope() or scope.child().
 * @param reason - What `scope.signal.reason` will be. The first reason stays.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` for a copy of a scope.
 * @example
 * ```ts
 * import { abortScope, type Scope } from 'user-execution-context'
 *
 * export const stop = (scope: Scope): void => abortScope(scope, new Error('The user pressed Stop.'))
 * ```
 */
export const abortScope: (scope: Scope, reason: unknown) => void = (scope, reason) => {
  assertScope(scope)
  abortNow(scope, reason)
}

/** A scope for a context that the caller has checked against the ambient one. Its options are parsed. */
export const openCheckedScope = (context: UserExecutionContext, options: ScopeOptions): Scope => mint(context, options)

/** Calls the one listener of a scope with the reason when it aborts; at once when it has aborted. */
export const onAbort = (scope: Scope, listener: (reason: unknown) => void): void => listen(scope, listener)

/** Whether an error holds the failures of cleanups. */
export const isCleanupFailure = (error: unknown): error is ContextError =>
  error instanceof ContextError && error.code === 'ERR_CONTEXT_CLEANUP_FAILED'

function assertScope(value: unknown): void {
  if (!isMinted(value))
    throw new ContextError('ERR_CONTEXT_NOT_ISSUED', { issues: [{ path: 'scope', kind: 'does not fit' }] })
}

// An error costs microseconds for its stack, so "closed in good order" becomes one only where it can be seen.
function toReason(reason: unknown): unknown {
  return reason === closedReason ? new ContextError('ERR_CONTEXT_SCOPE_CLOSED') : reason
}
