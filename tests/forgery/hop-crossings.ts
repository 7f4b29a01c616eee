// What one owner can do with the sealed texts and approvals of another, and anybody with what was used. Part of
// crossings.ts.
import type { UserExecutionContext } from 'user-execution-context'
import { openHandles, refused, type Crossed, type Crossing } from './crossing.ts'
import { call, type Exports } from './entry-points.ts'

/** Set by the test, which knows how its people sign in. */
let signInAgain: (context: UserExecutionContext) => Promise<unknown>
export const setSignIn = (signIn: typeof signInAgain): void => void (signInAgain = signIn)

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const payment = { tool: 'send_money', arguments: bytes('{"to":"carol"}') }
const newRing = (transfer: Exports): Readonly<Record<string, unknown>> => {
  const key = { kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, 7).toString('base64url') }
  return call(transfer, 'sealingKeys', { workload: 'web', keys: [key] }) as Readonly<Record<string, unknown>>
}
const hop = { audience: 'worker', purpose: 'crossings' }
const newReplay = (transfer: Exports): unknown => call(transfer, 'inProcessReplayMemory')
/** One approves the call of a run, and another one makes it: so often, and as it was approved but for a change. */
const approve = async (
  { exports, core }: Crossed,
  approving: UserExecutionContext,
  acting: UserExecutionContext,
  { uses = 1, isAgent = false, ...change }: { uses?: number; isAgent?: boolean; runId?: string; call?: object } = {},
): Promise<unknown> => {
  const { sealer, opener } = newRing(exports)
  const runOwner = call(core, 'toOwnerDigest', acting, 'tool-call-approval')
  const run = { runId: acting.runId, runOwner }
  const approval = { sealer, audience: 'agents', ttlMs: 9000, ...run, call: payment, ...change }
  const approver = isAgent ? acting : call(core, 'createForUser', await signInAgain(approving))
  const text = await call(exports, 'approveToolCall', approver, approval)
  const using = { opener, audience: 'agents', call: payment, replay: newReplay(exports), liveness: 'end-only', acting }
  for (let use = 1; use < uses; use++) await call(exports, 'openApproval', text, using)
  return call(exports, 'openApproval', text, using)
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

const openTwice = async ({ exports, victim }: Crossed, second: object): Promise<unknown> => {
  const { sealer, opener } = newRing(exports)
  const text = await call(exports, 'sealContext', victim, { ...hop, sealer, ttlMs: 9000, once: true })
  const opening = { ...hop, opener, replay: newReplay(exports), liveness: 'end-only' }
  await call(exports, 'openSealed', text, opening)
  return call(exports, 'openSealed', text, { ...opening, ...second })
}
const transfer = '@user-execution-context/transfer'

/** What it is, by which entry point, the answer, and the attempt: of its own user, who may do it once. */
export const secondUses: readonly (readonly [string, string, unknown, (crossed: Crossed) => unknown])[] = [
  ['a sealed text', transfer, 'ERR_CONTEXT_SEAL_REPLAYED', (crossed) => openTwice(crossed, {})],
  [
    'a sealed text, for another purpose',
    transfer,
    'ERR_CONTEXT_SEAL_PURPOSE',
    (crossed) => openTwice(crossed, { purpose: 'other' }),
  ],
  [
    'a sealed text, by another audience',
    transfer,
    'ERR_CONTEXT_SEAL_AUDIENCE',
    (crossed) => openTwice(crossed, { audience: 'other' }),
  ],
  [
    'an approval',
    transfer,
    'ERR_CONTEXT_SEAL_REPLAYED',
    (crossed) => approve(crossed, crossed.victim, crossed.victim, { uses: 2 }),
  ],
  [
    'an approval, by another run',
    transfer,
    'ERR_CONTEXT_SEAL_BINDING',
    (crossed) => approve(crossed, crossed.victim, crossed.victim, { runId: 'run-2' }),
  ],
  [
    'an approval, for another tool',
    transfer,
    'ERR_CONTEXT_SEAL_BINDING',
    (crossed) => approve(crossed, crossed.victim, crossed.victim, { call: { ...payment, tool: 'send_all' } }),
  ],
  [
    'an approval, for other arguments',
    transfer,
    'ERR_CONTEXT_SEAL_BINDING',
    (crossed) =>
      approve(crossed, crossed.victim, crossed.victim, { call: { ...payment, arguments: bytes('{"to":"bob"}') } }),
  ],
  [
    'an approval that the acting run gives itself',
    transfer,
    'ERR_CONTEXT_SEAL_APPROVER',
    (crossed) => approve(crossed, crossed.victim, crossed.victim, { isAgent: true }),
  ],
  [
    'a handle that was released',
    'user-execution-context',
    undefined,
    async ({ core, victim }) => {
      const handles = openHandles(core)
      const handle = await handles['open']!(victim, 'of the victim')
      await handles['release']!(victim, handle)
      return handles['find']!(victim, handle)
    },
  ],
]
