/**
 * How a text is opened, step by step: whatever does not hold is refused before anything is used up.
 */
import { randomUUID } from 'node:crypto'
import { assertLive, ContextError, isContextError, type UserExecutionContext } from 'user-execution-context'
import { toBindingDigest } from './binding/binding.ts'
import { pairwisePrefix } from './keys/pairwise.ts'
import { partsOfOpener, type OpenerParts } from './keys/sealer.ts'
import { parseOpenOptions, type OpenOptions } from './open-options.ts'
import { rememberUse } from './complete-sealed.ts'
import { parseClaims, type Claims } from './text/claims.ts'
import { clockToleranceMs, maxTtlMs } from './text/limits.ts'
import { refusedText } from './text/refused.ts'
import { reauthorizeIdentity, sealedRights } from './reauthorize.ts'
import { restoreContext } from './restore-context.ts'

/**
 * Opens a text. `check` is asked when all else holds, and before a text that opens once is claimed.
 *
 * @throws {ContextError} As openSealed(), and what `check` throws.
 */
export const unsealText = async (
  text: string,
  options: OpenOptions,
  check?: (context: UserExecutionContext) => Promise<void>,
): Promise<UserExecutionContext> => {
  const parsed = parseOpenOptions(options)
  const { audience, purpose, replay } = parsed
  const parts = partsOfOpener(parsed.opener)
  const { claims: record, retiredAtMs } = await parts.open(text, { audience, purpose })
  const claims = parseClaims(record)
  // What everybody could read must not hold what only a ring may carry.
  if (claims.agentContext !== undefined && !parts.encrypts) throw new ContextError('ERR_CONTEXT_SEAL_CLAIMS')
  assertSender(claims, parts)
  if (claims.audience !== audience) throw new ContextError('ERR_CONTEXT_SEAL_AUDIENCE')
  if (claims.purpose !== purpose) throw new ContextError('ERR_CONTEXT_SEAL_PURPOSE')
  assertTimes(claims, retiredAtMs)
  assertExpected(claims, parsed)
  assertBinding(claims, parsed)
  if (claims.isOnce !== (replay !== undefined))
    throw refusedText('ERR_CONTEXT_SEAL_ONCE_ONE_SIDED', 'replay', claims.isOnce ? 'missing' : 'does not fit')
  const context = await restore(claims, parsed)
  await check?.(context)
  // The owner may have signed out while callbacks were asked.
  if (parsed.owner !== undefined) assertLive(parsed.owner)
  // Last: a text that is refused for anything else stays good for whom it belongs to.
  if (replay !== undefined) await claim(claims, parsed, context)
  return context
}

/**
 * With the rights that were sealed while the proof lives, and else with those of today. Also where only the registry
 * says that it has ended: a proof lives no longer there than `maxProofMs`, whatever end the text names.
 */
async function restore(claims: Claims, options: OpenOptions): Promise<UserExecutionContext> {
  const { reauthorize } = options
  try {
    return await restoreContext(claims, sealedRights(claims), options)
  } catch (error) {
    if (reauthorize === undefined || !isContextError(error) || error.code !== 'ERR_CONTEXT_IDENTITY_EXPIRED')
      throw error
  }
  return restoreContext(claims, await reauthorizeIdentity(claims, reauthorize), options)
}

/** A service speaks for itself: neither in the name of another, nor for the pseudonyms of another. */
function assertSender({ workload, namespace }: Claims, opener: OpenerParts): void {
  if (opener.workload === undefined) return
  const isForeign = namespace.startsWith(pairwisePrefix) && namespace !== pairwisePrefix + workload
  if (workload !== opener.workload || isForeign) throw new ContextError('ERR_CONTEXT_SEAL_SENDER')
}

function assertTimes({ sealedAtMs, endsAtMs }: Claims, retiredAtMs: number | undefined): void {
  const nowMs = Date.now()
  if (endsAtMs <= nowMs) throw new ContextError('ERR_CONTEXT_SEAL_EXPIRED')
  if (sealedAtMs > nowMs + clockToleranceMs) throw new ContextError('ERR_CONTEXT_SEAL_NOT_YET_VALID')
  // No sealer of this package makes such a text.
  if (endsAtMs - sealedAtMs > maxTtlMs) throw new ContextError('ERR_CONTEXT_SEAL_CLAIMS')
  // A retired key makes nothing new.
  if (retiredAtMs !== undefined && sealedAtMs > retiredAtMs)
    throw refusedText('ERR_CONTEXT_SEAL_KEY', 'retiredAtMs', 'too small')
}

function assertExpected(claims: Claims, { owner, threadId, runId }: OpenOptions): void {
  if (owner !== undefined) {
    if (claims.namespace !== owner.namespace)
      throw refusedText('ERR_CONTEXT_SEAL_SUBJECT', 'owner.namespace', 'does not fit')
    if (claims.userId !== owner.userId) throw refusedText('ERR_CONTEXT_SEAL_SUBJECT', 'owner.userId', 'does not fit')
    if (claims.tenantId !== owner.tenantId) throw new ContextError('ERR_CONTEXT_SEAL_TENANT')
  }
  if (threadId !== undefined && claims.threadId !== threadId)
    throw refusedText('ERR_CONTEXT_SEAL_RUN', 'threadId', 'does not fit')
  if (runId !== undefined && claims.runId !== runId) throw refusedText('ERR_CONTEXT_SEAL_RUN', 'runId', 'does not fit')
}

function assertBinding({ binding }: Claims, { bind }: OpenOptions): void {
  if ((binding === undefined) !== (bind === undefined))
    throw refusedText('ERR_CONTEXT_SEAL_BINDING_ONE_SIDED', 'bind', bind === undefined ? 'missing' : 'does not fit')
  // Not secret: whoever holds the bytes can compute the digest, so the comparison may stop early.
  if (bind !== undefined && toBindingDigest(bind) !== binding) throw new ContextError('ERR_CONTEXT_SEAL_BINDING')
}

async function claim(claims: Claims, options: OpenOptions, context: UserExecutionContext): Promise<void> {
  const { replay, attemptKey = randomUUID() } = options
  const outcome = await replay!.claim(claims.textId, attemptKey, claims.endsAtMs + clockToleranceMs)
  if (outcome === 'full') throw new ContextError('ERR_CONTEXT_SEAL_REPLAY_FULL')
  // Anything but the one good answer refuses: a port that answers undefined must not let everybody in.
  if (outcome !== 'claimed') throw new ContextError('ERR_CONTEXT_SEAL_REPLAYED')
  rememberUse(context, () => replay!.complete(claims.textId, attemptKey))
}
