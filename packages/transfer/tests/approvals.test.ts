import { createForUser, deriveChild, identityProvider, liveSessions, type VerifiedFacts } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import {
  approveToolCall,
  inProcessReplayMemory,
  openApproval,
  sealContext,
  type OpenApprovalOptions,
} from '../src/index.ts'
import { codeOf, ring, utf8 } from './deployment.ts'

const sessions = liveSessions({ maxProofMs: 3_600_000 })
const signIn = async (facts: Partial<VerifiedFacts> = {}) => {
  const given = { userId: 'alice', tenantId: 'acme', sessionId: 's-1', issuedAtMs: Date.now(), ...facts }
  return createForUser(await identityProvider({ name: 'oidc', sessions, verify: () => given })(undefined))
}
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
    const bind = [utf8(acting.runId), utf8(call.tool), call.arguments]
    const forged = await sealContext(acting, {
      ...{ sealer: ring.sealer, audience: 'agents', purpose: 'tool-call-approval', ttlMs: 60_000 },
      once: true,
      bind,
    })
    expect(await codeOf(openApproval(forged, { ...using(), acting }))).toBe(refused)
  })

  test('is given by the user of the run, and by somebody else only where that is asked and true', async () => {
    const [acting, manager] = [await newRun(), await signIn({ userId: 'manager' })]
    const text = await approveToolCall(manager, { ...approving, runId: acting.runId })
    expect(await codeOf(openApproval(text, { ...using(), acting }))).toBe(refused)
    for (const answer of [false, undefined, 1, 'yes'])
      expect(await codeOf(openApproval(text, { ...using(), acting, mayApprove: () => answer as never }))).toBe(refused)
    const mayApprove = async ({ userId }: { readonly userId: string }) => userId === 'manager'
    expect(await codeOf(openApproval(text, { ...using(), acting, mayApprove }))).toMatch(/^let in/)
    const foreign = await signIn({ userId: 'alice', tenantId: 'other' })
    const other = await approveToolCall(foreign, { ...approving, runId: acting.runId })
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
    const wrong = [{ runId: '' }, { runId: undefined }, { call: undefined }, { call: { ...call, tool: '' } }]
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

async function createForUserOf(runId: string) {
  const { parseRunId } = await import('user-execution-context')
  const user = await identityProvider({
    name: 'oidc',
    sessions,
    verify: () => ({ userId: 'alice', tenantId: 'acme' }),
  })(undefined)
  return createForUser(user, { runId: parseRunId(runId) })
}
