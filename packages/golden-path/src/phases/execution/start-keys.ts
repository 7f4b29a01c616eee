/**
 * Remembers which start an idempotency key named, so that a client that says it again starts nothing twice.
 */
import { createHash } from 'node:crypto'
import { ContextError, encodeKey, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import type { ExecuteOptions } from '../golden-path.ts'
import type { Limits } from '../limits.ts'
import type { AgentInput } from '../ports/agent.ts'
import type { RunKey } from '../ports/event-log.ts'
import { idempotencyKeyLength } from '../wire/client-message.ts'
import type { AgentRun } from './agent-run.ts'

/** A start that has a key: digests, so that a long key or input costs no more memory than a short one. */
export type StartKey = { readonly ownerKey: string; readonly digest: string; readonly inputDigest: string }

/** What is kept of a run. */
export type StartedRun = RunKey & Pick<AgentRun, 'threadId' | 'requestId' | 'createdAtMs'>

/** `record`: undefined for a start that was refused. */
type Filed = {
  readonly ownerKey: string
  readonly inputDigest: string
  readonly record: Promise<StartedRun | undefined>
  run: RunKey | undefined
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
 * The key of a start.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 */
export const toStartKey = (
  context: UserExecutionContext,
  input: AgentInput,
  { idempotencyKey: key, idempotencyScope: scope = context.threadId }: ExecuteOptions,
): StartKey => {
  assertText('idempotencyKey', key, idempotencyKeyLength.min)
  assertText('idempotencyScope', scope, 0)
  const ownerKey = toOwnerKey(context)
  return { ownerKey, digest: toDigest(encodeKey([ownerKey, scope, key])), inputDigest: toDigest(input.text) }
}

/**
 * What the key of a client is unique in: the route, and the thread if the client names one. The WebSocket and
 * `POST /runs` are one route: a client that changes from one to the other has made one start.
 */
export const toStartScope = (route: string, threadId: string | undefined): string =>
  encodeKey(threadId === undefined ? [route] : [route, threadId])

/** The keys of one golden path, in the memory of this process. */
export class StartKeys {
  readonly #limits: Limits
  readonly #isHeld: (run: RunKey) => Promise<boolean>
  /** Oldest first, by the time when they were filed or last looked at. */
  readonly #filed = new Map<string, Filed>()
  readonly #counts = new Map<string, number>()

  /** @param isHeld - Whether a run is still held: its key is then, too. */
  constructor(limits: Limits, isHeld: (run: RunKey) => Promise<boolean>) {
    this.#limits = limits
    this.#isHeld = isHeld
  }

  /**
   * The run that a key has started, once it has, or undefined for a key that is not known.
   *
   * @throws {ContextError} `ERR_CONTEXT_IDEMPOTENCY_KEY_REUSED` when the key named a start with another input.
   */
  find({ digest, inputDigest }: StartKey): Promise<StartedRun | undefined> | undefined {
    const filed = this.#filed.get(digest)
    if (filed !== undefined && filed.inputDigest !== inputDigest)
      throw new ContextError('ERR_CONTEXT_IDEMPOTENCY_KEY_REUSED')
    return filed?.record
  }

  /**
   * Files a key and starts its run. Forgets the key when that fails.
   *
   * @throws {ContextError} `ERR_CONTEXT_TOO_MANY_RUNS` naming the limit, and what `start` throws.
   */
  async file({ ownerKey, digest, inputDigest }: StartKey, start: () => Promise<AgentRun>): Promise<AgentRun> {
    this.#forgetOld()
    const count = this.#counts.get(ownerKey) ?? 0
    // Refused, and not another one forgotten: a client that was promised one run would get two.
    if (count >= this.#limits.idempotencyKeysPerUser) throw tooMany('limits.idempotencyKeysPerUser')
    if (this.#filed.size >= this.#limits.idempotencyKeys) throw tooMany('limits.idempotencyKeys')
    let settle!: (record: StartedRun | undefined) => void
    const record = new Promise<StartedRun | undefined>((resolve) => (settle = resolve))
    const filed: Filed = { ownerKey, inputDigest, record, run: undefined, keepUntilMs: performance.now() + keepMs }
    this.#counts.set(ownerKey, count + 1)
    this.#filed.set(digest, filed)
    try {
      const run = await start()
      const { threadId, runId, requestId, createdAtMs } = run
      filed.run = { ownerKey, runId }
      settle(Object.freeze({ ownerKey, threadId, runId, requestId, createdAtMs }))
      return run
    } catch (error) {
      this.#forget(digest, filed)
      settle(undefined)
      throw error
    }
  }

  #forgetOld(): void {
    const nowMs = performance.now()
    let looks = 0
    for (const [digest, filed] of this.#filed) {
      if (filed.keepUntilMs > nowMs || ++looks > looksPerKey) return
      // To the end of the line: those behind it are older now.
      this.#filed.delete(digest)
      this.#filed.set(digest, filed)
      filed.keepUntilMs = nowMs + againMs
      if (filed.run === undefined) continue
      // A log that cannot answer has forgotten nothing.
      this.#isHeld(filed.run).then(
        (isHeld) => isHeld || this.#forget(digest, filed),
        () => undefined,
      )
    }
  }

  #forget(digest: string, filed: Filed): void {
    if (this.#filed.get(digest) !== filed) return
    this.#filed.delete(digest)
    const count = this.#counts.get(filed.ownerKey)! - 1
    if (count === 0) this.#counts.delete(filed.ownerKey)
    else this.#counts.set(filed.ownerKey, count)
  }
}

function assertText(path: string, value: unknown, minLength: number): asserts value is string {
  const { max } = idempotencyKeyLength
  const kind =
    typeof value !== 'string'
      ? 'not a string'
      : value.length < minLength
        ? 'too small'
        : minLength > 0 && value.length > max
          ? 'too long'
          : undefined
  if (kind !== undefined) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path, kind }] })
}

function toDigest(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest('base64')
}

function tooMany(path: string): ContextError {
  return new ContextError('ERR_CONTEXT_TOO_MANY_RUNS', { issues: [{ path, kind: 'too large' }] })
}
