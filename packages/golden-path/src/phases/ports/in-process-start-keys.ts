/**
 * The idempotency keys of one process: the embedded default.
 */
import type { Limits } from '../limits.ts'
import type { RunKey, RunRecord } from './event-log.ts'
import type { StartClaim, StartKey, StartKeyStore } from './start-key-store.ts'

/** `decided`: until the start is confirmed or released. */
type Filed = {
  readonly ownerKey: string
  readonly inputDigest: string
  readonly run: RunRecord
  decided: Promise<void> | undefined
  readonly decide: () => void
  /** When it may be forgotten, if its run is. */
  keepUntilMs: number
}

/** How long a key is kept at least. The retries of a client that was offline over night still find it. */
const keepMs = 86_400_000
/** How soon a key is looked at again whose run is still held. */
const againMs = 3_600_000
/** How many keys are looked at for each that is filed. */
const looksPerKey = 4

/**
 * Keeps keys in the memory of this process, bounded by the limits table.
 *
 * @param isHeld - Whether a run is still held: its key is then, too.
 * @example
 * ```ts
 * import { defaultLimits, inProcessStartKeys, type EventLog } from '@user-execution-context/golden-path'
 *
 * export const openKeys = (log: EventLog) =>
 *   inProcessStartKeys(defaultLimits, async (run) => (await log.find(run)) !== undefined)
 * ```
 */
export const inProcessStartKeys = (limits: Limits, isHeld: (run: RunKey) => Promise<boolean>): StartKeyStore => {
  /** Oldest first, by the time when they were filed or last looked at. */
  const filed = new Map<string, Filed>()
  const counts = new Map<string, number>()

  const forget = (digest: string, one: Filed): void => {
    if (filed.get(digest) !== one) return
    filed.delete(digest)
    const count = counts.get(one.ownerKey)! - 1
    if (count === 0) counts.delete(one.ownerKey)
    else counts.set(one.ownerKey, count)
  }
  const forgetOld = (): void => {
    const nowMs = performance.now()
    let looks = 0
    for (const [digest, one] of filed) {
      if (one.keepUntilMs > nowMs || ++looks > looksPerKey) return
      // To the end of the line: those behind it are older now.
      filed.delete(digest)
      filed.set(digest, one)
      one.keepUntilMs = nowMs + againMs
      if (one.decided !== undefined) continue
      // A log that cannot answer has forgotten nothing.
      isHeld(one.run).then(
        (isStillHeld) => isStillHeld || forget(digest, one),
        () => undefined,
      )
    }
  }
  const claim = ({ ownerKey, digest, inputDigest }: StartKey, run: RunRecord): StartClaim | Promise<StartClaim> => {
    const known = filed.get(digest)
    if (known !== undefined) {
      if (known.inputDigest !== inputDigest) return { state: 'reused' }
      if (known.decided === undefined) return { state: 'started', run: known.run }
      // Refused meanwhile: that start is not remembered, and the next that asks goes ahead.
      return known.decided.then(() => claim({ ownerKey, digest, inputDigest }, run))
    }
    forgetOld()
    const count = counts.get(ownerKey) ?? 0
    // Refused, and not another one forgotten: a client that was promised one run would get two.
    if (count >= limits.idempotencyKeysPerUser) return { state: 'full', limit: 'idempotencyKeysPerUser' }
    if (filed.size >= limits.idempotencyKeys) return { state: 'full', limit: 'idempotencyKeys' }
    let decide!: () => void
    const decided = new Promise<void>((resolve) => (decide = resolve))
    filed.set(digest, { ownerKey, inputDigest, run, decided, decide, keepUntilMs: performance.now() + keepMs })
    counts.set(ownerKey, count + 1)
    return { state: 'claimed' }
  }
  const findUndecided = ({ digest }: StartKey, { runId }: RunRecord): Filed | undefined => {
    const one = filed.get(digest)
    return one?.decided !== undefined && one.run.runId === runId ? one : undefined
  }
  const confirm = (key: StartKey, run: RunRecord): void => {
    const one = findUndecided(key, run)
    if (one === undefined) return
    one.decided = undefined
    one.decide()
  }
  const release = (key: StartKey, run: RunRecord): void => {
    const one = findUndecided(key, run)
    if (one === undefined) return
    forget(key.digest, one)
    one.decide()
  }

  return Object.freeze({ claim, confirm, release })
}
