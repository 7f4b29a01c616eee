/**
 * The ends of handles: each is noticed in time, and each value is given to `onEnd` once.
 */
import { EndTimer } from '../identity/end-timer.ts'
import { unwatchProof, watchProof, type Proof } from '../identity/liveness-registry.ts'
import { isProofEnded, proofEndsAtMs, type IdentityWatcher } from '../identity/proof.ts'
import type { HandleEndReason, ParsedHandleOptions } from './handle-options.ts'
import type { HandleEntry, HandleTie } from './handle-store.ts'
import { isSameTie } from './handle-tie.ts'

/** A handle that this process waits for the end of. */
type Followed = IdentityWatcher & {
  readonly ownerKey: string
  readonly handleDigest: string
  readonly tie: HandleTie
  readonly proof: Proof
  dueAtMs: number
  why: HandleEndReason
}

const retryMs = 1_000
const sweepEveryMs = 10_000
const sweepSize = 100

/** Follows the handles that were opened in this process, or tied to an identity here. */
export class HandleEnds<Value> {
  readonly #options: ParsedHandleOptions<Value>
  readonly #followed = new Map<string, Followed>()
  readonly #timer = new EndTimer<Followed>((followed) => void this.#endDue(followed))
  #sweptAtMs = -Infinity

  constructor(options: ParsedHandleOptions<Value>) {
    this.#options = options
  }

  /** Waits for the end of an entry, by its time and with an identity; no longer with the identity before. */
  follow({ ownerKey, handleDigest, endsAtMs, tie }: HandleEntry<Value>, proof: Proof): void {
    this.#forget(handleDigest)
    const followed: Followed = {
      ownerKey,
      handleDigest,
      tie,
      proof,
      dueAtMs: endsAtMs,
      why: 'expired',
      identityEnded: () => {
        followed.why = 'identity_ended'
        void this.#endDue(followed)
      },
    }
    this.#followed.set(handleDigest, followed)
    this.#timer.set(followed, endsAtMs)
    // Last: it calls back at once when the identity has ended.
    watchProof(proof, followed)
  }

  /** Whether the identity of an entry has ended, if this process follows it: it hears of renewals. */
  hasEnded({ handleDigest, tie }: HandleEntry<Value>): boolean | undefined {
    const followed = this.#followed.get(handleDigest)
    if (followed === undefined || !isSameTie(followed.tie, tie)) return undefined
    const { proof } = followed
    return isProofEnded(proof) || proofEndsAtMs(proof) <= Date.now()
  }

  /** Removes an entry and gives its value to `onEnd`. Resolves to whether there was one that had not ended. */
  async end(ownerKey: string, handleDigest: string, why: HandleEndReason): Promise<boolean> {
    const entry = await this.#take(ownerKey, handleDigest)
    if (entry === undefined) return false
    const hasExpired = entry.endsAtMs <= Date.now()
    await this.#options.onEnd(entry.value, hasExpired ? 'expired' : why)
    return !hasExpired
  }

  /** Removes an entry whose identity has ended. Its finder hears nothing of what `onEnd` throws. */
  async drop({ ownerKey, handleDigest }: HandleEntry<Value>): Promise<void> {
    const entry = await this.#take(ownerKey, handleDigest)
    if (entry !== undefined) void this.#report(entry.value, 'identity_ended')
  }

  /** Ends what other processes left behind, now and then. */
  async sweep(): Promise<void> {
    const nowMs = performance.now()
    // In the memory of this process every handle is followed.
    if (!this.#options.isShared || nowMs < this.#sweptAtMs + sweepEveryMs) return
    this.#sweptAtMs = nowMs
    try {
      let ended: readonly HandleEntry<Value>[]
      do {
        ended = await this.#options.store.takeEnded(sweepSize)
        for (const { value } of ended) void this.#report(value, 'expired')
      } while (ended.length >= sweepSize)
    } catch {
      // A store that cannot be asked now is asked by a later sweep. Nothing that has ended is found until then.
    }
  }

  /** Stops waiting. Ends all that is followed, where no other process can find it. */
  async close(): Promise<void> {
    this.#timer.close()
    const followed = [...this.#followed.values()]
    for (const { handleDigest } of followed) this.#forget(handleDigest)
    if (this.#options.isShared) return
    const ends = followed.map(({ ownerKey, handleDigest }) => this.end(ownerKey, handleDigest, 'closed'))
    const failures = (await Promise.allSettled(ends)).flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'Ends of handles failed.')
  }

  async #endDue(followed: Followed): Promise<void> {
    const { store } = this.#options
    const { ownerKey, handleDigest, why } = followed
    try {
      // It may have been tied to another identity, in another process.
      const known = why === 'expired' ? undefined : await store.find(ownerKey, handleDigest)
      const isTiedAnew = known !== undefined && !isSameTie(known.tie, followed.tie)
      const entry = isTiedAnew ? this.#forget(handleDigest, followed) : await this.#take(ownerKey, handleDigest)
      if (entry !== undefined) void this.#report(entry.value, why)
    } catch {
      // Nobody finds it any more; its value waits for the store.
      if (this.#followed.get(handleDigest) === followed) this.#retry(followed)
    }
    await this.sweep()
  }

  #retry(followed: Followed): void {
    this.#timer.delete(followed, followed.dueAtMs)
    followed.dueAtMs = Date.now() + retryMs
    this.#timer.set(followed, followed.dueAtMs)
  }

  async #report(value: Value, why: HandleEndReason): Promise<void> {
    try {
      await this.#options.onEnd(value, why)
    } catch (error) {
      // As the platform does with a listener that throws: it is reported, not lost.
      queueMicrotask(() => {
        throw error
      })
    }
  }

  async #take(ownerKey: string, handleDigest: string): Promise<HandleEntry<Value> | undefined> {
    const entry = await this.#options.store.remove(ownerKey, handleDigest)
    this.#forget(handleDigest)
    return entry
  }

  /** What follows a handle, or what was meant: another identity may follow it by now. */
  #forget(handleDigest: string, meant?: Followed): undefined {
    const followed = this.#followed.get(handleDigest)
    if (followed === undefined || (meant !== undefined && meant !== followed)) return
    this.#followed.delete(handleDigest)
    this.#timer.delete(followed, followed.dueAtMs)
    unwatchProof(followed.proof, followed)
  }
}
