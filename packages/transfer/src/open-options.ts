/**
 * What openSealed() takes, and the check of it.
 */
import {
  assertLive,
  assertUserExecutionContext,
  toIssuePath,
  type Issue,
  type IssueKind,
  type LiveSessions,
  type UserExecutionContext,
} from 'user-execution-context'
import type { Binding } from './binding/binding.ts'
import type { Opener } from './keys/sealer.ts'
import type { Awaitable, ReplayMemory } from './replay/replay-memory.ts'
import { isName } from './text/limits.ts'
import { ownOptions } from './text/own-options.ts'
import { assertNoIssues, invalidOption } from './text/refused.ts'

/** Who a text is of, for the one who decides whether they may still act. Personal data: do not log. */
export type SealedFacts = {
  readonly namespace: string
  readonly userId: string
  readonly tenantId: string | undefined
  readonly sessionId: string | undefined
  /** The permissions when it was sealed: an answer can only take some away. */
  readonly permissions: readonly string[]
  readonly threadId: string
  readonly runId: string
  readonly purpose: string
  /**
   * Milliseconds since the epoch: when the context was sealed, and when its identity ended: now at the latest, for a
   * proof that is older than `maxProofMs` of `sessions`.
   */
  readonly sealedAtMs: number
  readonly identityEndedAtMs: number
}

/** What the user may do today. */
export type Reauthorization = {
  /** What counts is what they had then and have now. */
  readonly permissions: readonly string[]
  /** When this ends, milliseconds since the epoch. Default 15 minutes from now. */
  readonly expiresAtMs?: number | undefined
}

/** Options of {@link openSealed}. */
export type OpenOptions = {
  /** From sealingKeys() or verificationKeys(). */
  readonly opener: Opener
  /** What was given to sealContext(), character by character. */
  readonly audience: string
  /** What was given to sealContext(), character by character. */
  readonly purpose: string
  /** The bytes that came with the text. Required when it was bound, refused when it was not. */
  readonly bind?: Binding | undefined
  /** Required when the text opens once, refused when it does not. */
  readonly replay?: ReplayMemory | undefined
  /**
   * Names this attempt: the same one may open the text again until completeSealed(), such as a job that is retried. 1
   * to 256 characters, such as the id of the job. Default: each opening is an attempt of its own, so there is one.
   */
  readonly attemptKey?: string | undefined
  /** The live context of the user who presents the text. It must be theirs: namespace, user and tenant. */
  readonly owner?: UserExecutionContext
  /** The thread that the text must be of. */
  readonly threadId?: string
  /** The run that the text must be of. */
  readonly runId?: string
  /**
   * Asked when the identity has ended since, or its proof is older than `maxProofMs` of `sessions`: what this user may
   * do today, or undefined to refuse. Ask your user store, and whether the plan still stands. Default: an identity that
   * has ended opens nothing.
   */
  readonly reauthorize?: ((facts: SealedFacts) => Awaitable<Reauthorization | undefined>) | undefined
} & LivenessOptions

/** How the identity behind a text is checked: exactly one of the two. */
export type LivenessOptions =
  | {
      /** From liveSessions(): what was signed out or revoked opens nothing, and what was opened ends with it. */
      readonly sessions: LiveSessions
      readonly liveness?: undefined
    }
  | {
      /** By name: the end of the identity is checked, a sign-out is not known here. */
      readonly liveness: 'end-only'
      readonly sessions?: undefined
    }

const knownKeys: ReadonlySet<string> = new Set([
  'opener',
  'audience',
  'purpose',
  'bind',
  'replay',
  'attemptKey',
  'owner',
  'threadId',
  'runId',
  'reauthorize',
  'sessions',
  'liveness',
])

/** The options, each read once. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_NOT_ISSUED`. */
export const parseOpenOptions = (options: OpenOptions): OpenOptions => {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'not an object')
  const copy = ownOptions(options)
  const { audience, purpose, replay, attemptKey, owner, threadId, runId, reauthorize, sessions, liveness } = copy
  // Given and undefined is a variable that was never set: it must not be a check that never runs.
  const isGiven = (key: keyof OpenOptions): boolean => Object.hasOwn(copy, key)
  if (isGiven('owner')) {
    assertUserExecutionContext(owner)
    assertLive(owner)
  }
  const issues: Issue[] = []
  const expect = (isRight: boolean, path: string, kind: IssueKind): void => {
    if (!isRight) issues.push({ path, kind })
  }
  expect(isName(audience), 'audience', audience === undefined ? 'missing' : 'does not fit')
  expect(isName(purpose), 'purpose', purpose === undefined ? 'missing' : 'does not fit')
  expect(replay === undefined || isMemory(replay), 'replay', 'does not fit')
  // Without a memory it would promise what nobody keeps.
  expect(attemptKey === undefined || (replay !== undefined && isKey(attemptKey)), 'attemptKey', 'does not fit')
  expect(!isGiven('threadId') || typeof threadId === 'string', 'threadId', 'not a string')
  expect(!isGiven('runId') || typeof runId === 'string', 'runId', 'not a string')
  expect(reauthorize === undefined || typeof reauthorize === 'function', 'reauthorize', 'not a function')
  // The registry itself is checked where proofs are filed.
  if (liveness !== undefined) expect(liveness === 'end-only' && !isGiven('sessions'), 'liveness', 'does not fit')
  else expect(typeof sessions === 'object' && sessions !== null, 'sessions', 'missing')
  for (const key of Object.keys(copy)) expect(knownKeys.has(key), toIssuePath('', key), 'unknown key')
  assertNoIssues(issues)
  return copy
}

function isMemory(replay: unknown): boolean {
  const { claim, complete } = (replay ?? {}) as Partial<ReplayMemory>
  return typeof claim === 'function' && typeof complete === 'function'
}

function isKey(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256
}
