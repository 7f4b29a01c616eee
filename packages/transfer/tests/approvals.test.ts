// An approval binds one tool and its very arguments. AISVS 9.5.1, 9.5.3, 10.2.5; RFC 8693 section 4.1.
import {
  createForUser,
  deriveChild,
  identityProvider,
  liveSessions,
  parseRunId,
  toOwnerDigest,
  type UserExecutionContext,
  type VerifiedFacts,
} from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { describe, expect, test } from 'vitest'
import {
  approveToolCall,
  inProcessReplayMemory,
  openApproval,
  openSealed,
  sealContext,
  type OpenApprovalOptions,
} from '../src/index.ts'
import { codeOf, ring, utf8 } from './deployment.ts'

const sessions = liveSessions({ maxProofMs: 3_600_000 })
const signInUser = (facts: Partial<VerifiedFacts> = {}) => {
  const given = { userId: 'alice', tenantId: 'acme', sessionId: 's-1', issuedAtMs: Date.now(), ...facts }
  return identityProvider({ name: 'oidc', sessions, verify: () => given })(undefined)
}
const signIn = async (facts: Partial<VerifiedFacts> = {}) => createForUser(await signInUser(facts))
const call = { tool: 'send_money', arguments: utf8('{"to":"carol","cents":100}') }
const newRun = async () => deriveChild(await signIn(), 'pay', { actor: { name: 'payer', kind: 'agent' } })
const approving = { sealer: ring.sealer, audience: 'agents', ttlMs: 60_000, call }
const using = () => ({ opener: ring.opener, audience: 'agents', call, replay: inProcessReplayMemory(), sessions })
const refused = 'ERR_CONTEXT_SEAL_APPROVER'

describe('an approval', () => {
  test('opens for this run, this tool and these bytes, once, and gives who approved', async () => {
    const [acting, approver] = [await newRun(), await signIn({ sessionId: 's-2' })]
    const text = await approveToolCall(approver, { ...approving, runId: acting.runId })
    const options: OpenApprovalOptions = { ...using(), acting }
    const other = { ...call, arguments: utf8('{"to":"carol","cents":101}') }
    expect(await codeOf(openApproval(text, { ...options, call: other }))).toBe('ERR_CONTEXT_SEAL_BINDING')
    const spaced = { ...call, arguments: utf8('{"to":"carol", "cents":100}') }
    expect(await codeOf(openApproval(text, { ...options, call: spaced }))).toBe('ERR_CONTEXT_SEAL_BINDING')
    const tool = { ...call, tool: 'send_all' }
    expect(await codeOf(openApproval(text, { ...options, call: tool }))).toBe('ERR_CONTEXT_SEAL_BINDING')
    const otherRun = { ...options, acting: await newRun() }
    expect(await codeOf(openApproval(text, otherRun))).toBe('ERR_CONTEXT_SEAL_BINDING')
    const opened = await openApproval(text, options)
    expect([opened.userId, opened.sessionId]).toEqual(['alice', 's-2'])
    expect(await codeOf(openApproval(text, options))).toBe('ERR_CONTEXT_SEAL_REPLAYED')
  })

  test('is never given by an agent: not by the run that asks, nor a child, nor another agent of the user', async () => {
    const acting = await newRun()
    const approve = (approver: typeof acting) =>
      codeOf(approveToolCall(approver, { ...approving, runId: acting.runId }))
    const agent = { actor: { name: 'payer', kind: 'agent' } } as const
    expect(await approve(acting)).toBe(refused)
    expect(await approve(deriveChild(acting, 'approve'))).toBe(refused)
    expect(await approve(deriveChild(await signIn(), 'other', agent))).toBe(refused)
    // Also where nobody said that an agent acts: the run cannot speak for the person.
    const silent = createForUserOf(acting.runId)
    expect(await approve(await silent)).toBe(refused)
    expect(await approve(await signIn({ kind: 'service' }))).toBe(refused)
    expect(await approve({ ...acting } as never)).toBe('ERR_CONTEXT_NOT_ISSUED')
  })

  test('is looked at again where it is used: a text that an agent sealed by itself is none', async () => {
    const acting = await newRun()
    const forged = await sealAsApproval(acting, acting)
    expect(await codeOf(openApproval(forged, { ...using(), acting }))).toBe(refused)
  })

  test('is never given by what is no request of a person of its own', async () => {
    const acting = await newRun()
    const approve = async (approver: typeof acting) => [
      await codeOf(approveToolCall(approver, { ...approving, runId: acting.runId })),
      await codeOf(openApproval(await sealAsApproval(approver, acting), { ...using(), acting })),
    ]
    const person = await signIn()
    const hop = { audience: 'web', purpose: 'forward' }
    const forwarded = await sealContext(person, { ...hop, sealer: ring.sealer, ttlMs: 60_000 })
    const untilMs = Date.now() + 60_000
    const approvers = [
      deriveChild(person, 'step'),
      await openSealed(forwarded, { ...hop, opener: ring.opener, sessions }),
      deriveChild(person, 'later', { outlivesIdentity: { reason: 'goes on', untilMs } }),
      createForUser(vouchForUser('alice', { reason: 'a job of the night', tenantId: 'acme', namespace: 'oidc' })),
    ]
    for (const approver of approvers) expect(await approve(approver)).toEqual([refused, refused])
    expect(await approve(person)).toEqual([expect.stringMatching(/^let in/), expect.stringMatching(/^let in/)])
  })

  test('is never given by another run of the same conversation', async () => {
    const acting = await newRun()
    const other = createForUser(await signInUser(), { threadId: acting.threadId })
    const text = await approveToolCall(other, { ...approving, runId: acting.runId })
    expect(await codeOf(openApproval(text, { ...using(), acting }))).toBe(refused)
  })

  test('of somebody else holds for the run of one user: a run of the same id is another one', async () => {
    const [acting, manager] = [await newRun(), await signIn({ userId: 'manager' })]
    const mallory = createForUser(await signInUser({ userId: 'mallory' }), { runId: acting.runId })
    const runOwner = toOwnerDigest(acting, 'tool-call-approval')
    const text = await approveToolCall(manager, { ...approving, runId: acting.runId, runOwner })
    const options = { ...using(), mayApprove: () => true }
    expect(await codeOf(openApproval(text, { ...options, acting: mallory }))).toBe('ERR_CONTEXT_SEAL_BINDING')
    // Without the owner it is for a run of the manager's own.
    const own = await approveToolCall(manager, { ...approving, runId: acting.runId })
    expect(await codeOf(openApproval(own, { ...options, acting }))).toBe('ERR_CONTEXT_SEAL_BINDING')
    expect(await codeOf(openApproval(text, { ...options, acting }))).toMatch(/^let in/)
  })

  test('is not used up by who is refused, nor by a rule that fails', async () => {
    const [acting, manager] = [await newRun(), await signIn({ userId: 'manager' })]
    const runOwner = toOwnerDigest(acting, 'tool-call-approval')
    const text = await approveToolCall(manager, { ...approving, runId: acting.runId, runOwner })
    const options = { ...using(), acting }
    expect(await codeOf(openApproval(text, options))).toBe(refused)
    const failing = () => Promise.reject(new Error('unreachable'))
    await expect(openApproval(text, { ...options, mayApprove: failing })).rejects.toThrow('unreachable')
    const mallory = createForUser(await signInUser({ userId: 'mallory' }), { runId: acting.runId })
    expect(await codeOf(openApproval(text, { ...options, acting: mallory }))).toBe('ERR_CONTEXT_SEAL_BINDING')
    expect(await codeOf(openApproval(text, { ...options, mayApprove: () => true }))).toMatch(/^let in/)
  })

  test('takes any run id and tool: what stands beside the arguments is never read as JSON of its own', async () => {
    const acting = createForUser(await signInUser(), { runId: parseRunId('9007199254740993') })
    const odd = { ...call, tool: '1e400' }
    const text = await approveToolCall(await signIn(), { ...approving, call: odd, runId: acting.runId })
    expect(await codeOf(openApproval(text, { ...using(), call: odd, acting }))).toMatch(/^let in/)
    for (const tool of ['\ud800', '\ud801'])
      expect(
        await codeOf(approveToolCall(await signIn(), { ...approving, call: { ...call, tool }, runId: acting.runId })),
      ).toBe('ERR_CONTEXT_SEAL_AMBIGUOUS_JSON')
  })

  test('is given by the user of the run, and by somebody else only where that is asked and true', async () => {
    const [acting, manager] = [await newRun(), await signIn({ userId: 'manager' })]
    const runOwner = toOwnerDigest(acting, 'tool-call-approval')
    const text = await approveToolCall(manager, { ...approving, runId: acting.runId, runOwner })
    expect(await codeOf(openApproval(text, { ...using(), acting }))).toBe(refused)
    for (const answer of [false, undefined, 1, 'yes'])
      expect(await codeOf(openApproval(text, { ...using(), acting, mayApprove: () => answer as never }))).toBe(refused)
    const mayApprove = async ({ userId }: { readonly userId: string }) => userId === 'manager'
    expect(await codeOf(openApproval(text, { ...using(), acting, mayApprove }))).toMatch(/^let in/)
    const foreign = await signIn({ userId: 'alice', tenantId: 'other' })
    const other = await approveToolCall(foreign, { ...approving, runId: acting.runId, runOwner })
    expect(await codeOf(openApproval(other, { ...using(), acting }))).toBe(refused)
  })

  test('ends with the sign-out of who approved', async () => {
    const [acting, approver] = [await newRun(), await signIn({ sessionId: 's-9' })]
    const text = await approveToolCall(approver, { ...approving, runId: acting.runId })
    await sessions.revoke({ session: approver })
    expect(await codeOf(openApproval(text, { ...using(), acting }))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    expect(await codeOf(approveToolCall(approver, { ...approving, runId: acting.runId }))).toBe(
      'ERR_CONTEXT_IDENTITY_REVOKED',
    )
  })

  test('is used by a run that is live only', async () => {
    const acting = deriveChild(await signIn({ sessionId: 's-run' }), 'pay', { actor: { name: 'payer', kind: 'agent' } })
    const text = await approveToolCall(await signIn(), { ...approving, runId: acting.runId })
    await sessions.revoke({ session: acting })
    expect(await codeOf(openApproval(text, { ...using(), acting }))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test('names what it cannot use', async () => {
    const [acting, approver] = [await newRun(), await signIn()]
    const approve = (more: object) =>
      codeOf(approveToolCall(approver, { ...approving, runId: acting.runId, ...more } as never))
    const wrong: object[] = [
      { runOwner: 'alice' },
      { runOwner: undefined },
      { runOwner: 1 },
      { runId: '' },
      { runId: undefined },
      { call: undefined },
      { call: { ...call, tool: '' } },
    ]
    wrong.push({ call: { ...call, arguments: '{}' as never } }, { purpose: 'mine' } as never)
    for (const more of wrong.slice(0, -1)) expect(await approve(more)).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    const text = await approveToolCall(approver, { ...approving, runId: acting.runId })
    const open = (more: object) => codeOf(openApproval(text, { ...using(), acting, ...more } as never))
    expect(await open({ acting: undefined })).toBe('ERR_CONTEXT_NOT_ISSUED')
    expect(await open({ mayApprove: true })).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(await open({ replay: undefined })).toBe('ERR_CONTEXT_SEAL_ONCE_ONE_SIDED')
    expect(await codeOf(openApproval(text, undefined as never))).toBe('ERR_CONTEXT_NOT_ISSUED')
    const ambiguous = { ...call, arguments: utf8('{"to":"carol","to":"mallory"}') }
    expect(await approve({ call: ambiguous })).toBe('ERR_CONTEXT_SEAL_AMBIGUOUS_JSON')
  })
})

// What an approver's text holds, sealed without approveToolCall().
function sealAsApproval(approver: UserExecutionContext, acting: UserExecutionContext) {
  const head = JSON.stringify([toOwnerDigest(acting, 'tool-call-approval'), acting.runId, call.tool])
  return sealContext(approver, {
    ...{ sealer: ring.sealer, audience: 'agents', purpose: 'tool-call-approval', ttlMs: 60_000 },
    once: true,
    bind: [utf8(head), call.arguments],
  })
}

async function createForUserOf(runId: string) {
  const user = await identityProvider({
    name: 'oidc',
    sessions,
    verify: () => ({ userId: 'alice', tenantId: 'acme' }),
  })(undefined)
  return createForUser(user, { runId: parseRunId(runId) })
}
