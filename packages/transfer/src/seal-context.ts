/**
 * From a context to text.
 */
import { randomUUID } from 'node:crypto'
import {
  assertLive,
  ContextError,
  requireContext,
  toIssuePath,
  type FrozenJsonRecord,
  type Issue,
  type UserExecutionContext,
} from 'user-execution-context'
import { toBindingDigest, type Binding } from './binding/binding.ts'
import { pairwisePrefix } from './keys/pairwise.ts'
import { partsOfSealer, type Sealer, type SealerParts } from './keys/sealer.ts'
import { toRecord, type Claims } from './text/claims.ts'
import { isName, maxCarriedBytes, maxTextCharacters, maxTtlMs } from './text/limits.ts'
import { ownOptions } from './text/own-options.ts'
import { assertNoIssues, invalidOption } from './text/refused.ts'

/** Options of {@link sealContext}. */
export type SealOptions = {
  /** From sealingKeys() or signingKeys(). */
  readonly sealer: Sealer
  /**
   * Who opens it, such as `'worker'` or a service's address. 1 to 256 printable characters without spaces. In clear.
   */
  readonly audience: string
  /** What it is for, such as `'send-report'`: each kind of hop has its own. 1 to 256 printable characters. In clear. */
  readonly purpose: string
  /** How long it can be opened, milliseconds, up to 400 days. It never makes the identity of the user last longer. */
  readonly ttlMs: number
  /** Opens once, and only with a replay memory. Default: any number of times. */
  readonly once?: boolean | undefined
  /**
   * Opens only beside the same bytes: the payload of a job, the arguments of a tool. Several parts are kept apart. JSON
   * that can be read in two ways is refused. At most 1 MiB. Default: bound to nothing.
   */
  readonly bind?: Binding | undefined
  /** Takes `agentContext` along: at most 8,192 bytes of JSON, and only encrypted. Default false. */
  readonly carry?: boolean | undefined
}

/**
 * Seals a context into text that rests or travels: a job, a suspended run, a request state, an approval. It takes
 * along the owner, tenant, permissions, thread, run and the end of the identity. It does not take `auditMetadata`,
 * and `agentContext` only by `carry`.
 *
 * @param context - Live, from createForUser() or deriveChild(). To take fewer rights along, seal a child with fewer.
 * @param options - Who opens it, what for, for how long, and how it is bound.
 * @returns At most 32,768 characters of base64url and dots. A credential for its time: do not log.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once,
 *   `ERR_CONTEXT_SEAL_AMBIGUOUS_JSON`, `ERR_CONTEXT_SEAL_TOO_LARGE`. All of them reject.
 * @example
 * ```ts
 * import type { UserExecutionContext } from 'user-execution-context'
 * import { sealContext, type Sealer } from '@user-execution-context/transfer'
 *
 * export const toJob = (context: UserExecutionContext, sealer: Sealer) =>
 *   sealContext(context, { sealer, audience: 'worker', purpose: 'send-report', ttlMs: 3_600_000 })
 * ```
 */
export const sealContext: (context: UserExecutionContext, options: SealOptions) => Promise<string> = async (
  context,
  options,
) => {
  requireContext(context)
  assertLive(context)
  // It would be refused when it is opened, one level deeper.
  if (context.depth >= maxDepth) throw new ContextError('ERR_CONTEXT_TOO_DEEP')
  const { sealer, audience, purpose, ttlMs, once, bind, carry } = parseOptions(options)
  const parts = partsOfSealer(sealer)
  if (carry === true && !parts.encrypts) throw invalidOption('carry', 'refused by policy')
  const agentContext = carry === true ? toCarried(context.agentContext) : undefined
  const binding = bind === undefined ? undefined : toBindingDigest(bind)
  const sealedAtMs = Date.now()
  const claims: Claims = {
    textId: randomUUID(),
    audience,
    purpose,
    workload: parts.workload,
    sealedAtMs,
    endsAtMs: sealedAtMs + ttlMs,
    ...(parts.toPseudonym === undefined ? named(context) : pseudonymous(context, audience, parts)),
    tenantId: context.tenantId,
    permissions: context.permissions,
    kind: context.identity.kind,
    threadId: context.threadId,
    runId: context.runId,
    provenAtMs: context.provenAtMs,
    identityEndsAtMs: context.identityEndsAtMs,
    origin: toOrigin(context),
    outlives: context.identity.outlives,
    isOnce: once === true,
    binding,
    agentContext,
  }
  const text = await parts.seal(toRecord(claims), { audience, purpose })
  if (text.length > maxTextCharacters) throw new ContextError('ERR_CONTEXT_SEAL_TOO_LARGE')
  return text
}

/** How deep child contexts may nest. */
const maxDepth = 10

/** Over several hops the provider stays the one that verified the user: the hops verify a text. */
function toOrigin({ requestId, depth, identity }: UserExecutionContext): Claims['origin'] {
  return { requestId, depth, provider: identity.origin?.provider ?? identity.provider }
}

type Named = Pick<Claims, 'namespace' | 'userId' | 'sessionId' | 'actors'>

function named(context: UserExecutionContext): Named {
  const { namespace, userId, actors } = context
  return { namespace, userId, sessionId: toSession(context), actors }
}

/** A context that was exempted goes on when its session is signed out: its text does not name it. */
function toSession({ sessionId, identity }: UserExecutionContext): string | undefined {
  return identity.outlives === undefined ? sessionId : undefined
}

/** Their namespace is that of the service that makes them, so that none meets a real subject. */
function pseudonymous(context: UserExecutionContext, audience: string, parts: SealerParts): Named {
  const { namespace, userId, tenantId, actors } = context
  const sessionId = toSession(context)
  const owner = tenantId === undefined ? [namespace] : [namespace, tenantId]
  return {
    namespace: pairwisePrefix + parts.workload,
    userId: parts.toPseudonym!('user', audience, [...owner, userId]),
    sessionId: sessionId && parts.toPseudonym!('session', audience, [...owner, sessionId]),
    actors: actors.map(({ name, kind, source }) => {
      const shown = kind === 'person' ? parts.toPseudonym!('person', audience, [...owner, name]) : name
      return { name: shown, kind, source }
    }),
  }
}

function toCarried(agentContext: FrozenJsonRecord): FrozenJsonRecord {
  if (encoder.encode(JSON.stringify(agentContext)).length > maxCarriedBytes) throw invalidOption('carry', 'too large')
  return agentContext
}

const encoder = new TextEncoder()
const knownKeys: ReadonlySet<string> = new Set(['sealer', 'audience', 'purpose', 'ttlMs', 'once', 'bind', 'carry'])

/** Each option is read once. */
function parseOptions(options: SealOptions): SealOptions {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'not an object')
  const copy = ownOptions(options)
  const { audience, purpose, ttlMs, once, carry } = copy
  const issues: Issue[] = []
  if (!isName(audience)) issues.push({ path: 'audience', kind: audience === undefined ? 'missing' : 'does not fit' })
  if (!isName(purpose)) issues.push({ path: 'purpose', kind: purpose === undefined ? 'missing' : 'does not fit' })
  if (typeof ttlMs !== 'number' || Number.isNaN(ttlMs)) issues.push({ path: 'ttlMs', kind: 'not a number' })
  else if (ttlMs < 1) issues.push({ path: 'ttlMs', kind: 'too small' })
  else if (ttlMs > maxTtlMs) issues.push({ path: 'ttlMs', kind: 'too large' })
  if (once !== undefined && typeof once !== 'boolean') issues.push({ path: 'once', kind: 'not a boolean' })
  if (carry !== undefined && typeof carry !== 'boolean') issues.push({ path: 'carry', kind: 'not a boolean' })
  for (const key of Object.keys(copy))
    if (!knownKeys.has(key)) issues.push({ path: toIssuePath('', key), kind: 'unknown key' })
  assertNoIssues(issues)
  return copy
}
