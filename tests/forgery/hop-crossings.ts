// What one owner can do with the sealed texts and approvals of another. Part of crossings.ts.
import type { UserExecutionContext } from 'user-execution-context'
import { refused, type Crossed, type Crossing } from './crossing.ts'
import { call, type Exports } from './entry-points.ts'

/** Set by the test, which knows how its people sign in. */
let signInAgain: (context: UserExecutionContext) => Promise<unknown>
export const setSignIn = (signIn: typeof signInAgain): void => void (signInAgain = signIn)

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const payment = { tool: 'send_money', arguments: bytes('{"to":"carol"}') }
export const newRing = (transfer: Exports, byte = 7): Readonly<Record<string, unknown>> => {
  const key = { kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, byte).toString('base64url') }
  return call(transfer, 'sealingKeys', { workload: 'web', keys: [key] }) as Readonly<Record<string, unknown>>
}
export const hop = { audience: 'worker', purpose: 'crossings' }
export const newReplay = (transfer: Exports): unknown => call(transfer, 'inProcessReplayMemory')
type Approving = {
  readonly uses?: number
  readonly isAgent?: boolean
  /** Of the key that seals. Default the one that opens. */
  readonly keyByte?: number
  readonly presentedTo?: 'openApproval' | 'openSealed'
  readonly runId?: string
  readonly call?: object
}
/** One approves the call of a run, and another one makes it: so often, and as it was approved but for a change. */
export const approve = async (
  { exports, core }: Crossed,
  approving: UserExecutionContext,
  acting: UserExecutionContext,
  { uses = 1, isAgent = false, keyByte, presentedTo = 'openApproval', ...change }: Approving = {},
): Promise<unknown> => {
  const { opener } = newRing(exports)
  const { sealer } = newRing(exports, keyByte)
  const runOwner = call(core, 'toOwnerDigest', acting, 'tool-call-approval')
  const run = { runId: acting.runId, runOwner }
  const approval = { sealer, audience: 'agents', ttlMs: 9000, ...run, call: payment, ...change }
  const approver = isAgent ? acting : call(core, 'createForUser', await signInAgain(approving))
  const text = await call(exports, 'approveToolCall', approver, approval)
  const using = { opener, audience: 'agents', call: payment, replay: newReplay(exports), liveness: 'end-only', acting }
  for (let use = 1; use < uses; use++) await call(exports, 'openApproval', text, using)
  if (presentedTo === 'openApproval') return call(exports, 'openApproval', text, using)
  const { replay, liveness } = using
  return call(exports, 'openSealed', text, { ...hop, audience: 'agents', opener, replay, liveness })
}

/** By function of the package transfer. */
export const hopCrossings: Readonly<Record<string, Crossing>> = {
  // What a thief sealed does not open as the victim's.
  sealContext: refused(/^ERR_CONTEXT_SEAL_(?:SUBJECT|TENANT)$/, async ({ exports, victim, thief }) => {
    const { sealer, opener } = newRing(exports)
    const text = await call(exports, 'sealContext', thief, { ...hop, sealer, ttlMs: 9000 })
    return call(exports, 'openSealed', text, { ...hop, opener, owner: victim, liveness: 'end-only' })
  }),
  openSealed: refused(/^ERR_CONTEXT_SEAL_(?:SUBJECT|TENANT)$/, async ({ exports, victim, thief }) => {
    const { sealer, opener } = newRing(exports)
    const text = await call(exports, 'sealContext', victim, { ...hop, sealer, ttlMs: 9000 })
    return call(exports, 'openSealed', text, { ...hop, opener, owner: thief, liveness: 'end-only' })
  }),
  completeSealed: refused('ERR_CONTEXT_INVALID_OPTIONS', async ({ exports, victim, thief }) => {
    const { sealer, opener } = newRing(exports)
    const text = await call(exports, 'sealContext', victim, { ...hop, sealer, ttlMs: 9000, once: true })
    const replay = newReplay(exports)
    await call(exports, 'openSealed', text, { ...hop, opener, replay, liveness: 'end-only' })
    return call(exports, 'completeSealed', thief)
  }),
  // The run of the victim waits for an approval, and the thief gives one.
  approveToolCall: refused('ERR_CONTEXT_SEAL_APPROVER', (crossed) => approve(crossed, crossed.thief, crossed.victim)),
  openApproval: refused('ERR_CONTEXT_SEAL_APPROVER', (crossed) => approve(crossed, crossed.victim, crossed.thief)),
}
