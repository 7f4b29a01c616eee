/**
 * Types of the platform that our declarations name, so that they compile for a consumer whose compiler does not know
 * them: without the types of Node, without lib.dom, without lib.esnext.disposable.
 */

/** What a scope needs of an abort signal. */
export type MinimalAbortSignal = {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/**
 * The `AbortSignal` that the consumer's compiler knows from lib.dom or the types of Node; where it knows none, what a
 * scope needs of one.
 */
export type PlatformAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : MinimalAbortSignal

/** The key `Symbol.asyncDispose`; never where the consumer's compiler does not know it. */
export type AsyncDisposeKey = SymbolConstructor[keyof SymbolConstructor & 'asyncDispose'] & symbol

/**
 * What `await using` calls, under `Symbol.asyncDispose`; nothing where the consumer's compiler does not know that
 * symbol.
 */
export type PlatformAsyncDisposable = { readonly [Key in AsyncDisposeKey]: () => Promise<void> }
