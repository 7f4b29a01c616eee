// A run of the OpenAI agents SDK that is suspended for an approval: its user resumes it, and the one call that was
// approved is the one that is made. The model is a stub of theirs; nothing leaves this process.
import { Agent, RunContext, Runner, RunState, tool, Usage } from '@openai/agents-core'
import {
  approveToolCall,
  inProcessReplayMemory,
  openApproval,
  openSealed,
  parseBoundJson,
  sealContext,
  sealingKeys,
} from '@user-execution-context/transfer'
import { createRequire } from 'node:module'
import { createForUser, deriveChild, identityProvider, liveSessions } from 'user-execution-context'
import { z } from 'zod'
import { check, expectNone } from '../harness/check.mjs'

const { version } = createRequire(import.meta.url)('./node_modules/@openai/agents-core/package.json')
const environment = `transfer, @openai/agents-core ${version}`
const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const ring = sealingKeys({ workload: 'agents', keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'runs-1', k: secret }] })
const replay = inProcessReplayMemory()
const sessions = liveSessions({ maxProofMs: 3_600_000 })
const signIn = identityProvider({ name: 'session', sessions, verify: (facts) => facts })
const contextOf = async (facts) => createForUser(await signIn({ ...facts, issuedAtMs: Date.now() }))
const bytes = (text) => new TextEncoder().encode(text)
const hop = { audience: 'agents', purpose: 'resume-run' }

/** Calls for one transfer of money, and ends when it has heard what came of it. */
const model = {
  name: 'stub',
  async getResponse({ input }) {
    const last = Array.isArray(input) ? input.at(-1) : undefined
    const message = { type: 'message', role: 'assistant', status: 'completed' }
    const output =
      last?.type === 'function_call_result'
        ? { ...message, content: [{ type: 'output_text', text: 'done' }] }
        : { type: 'function_call', callId: 'call-1', name: 'send_money', status: 'completed', arguments: order }
    return { usage: new Usage(), output: [output] }
  },
  async *getStreamedResponse() {},
}
const order = '{"to":"carol","cents":100}'
const payments = []
const sendMoney = tool({
  name: 'send_money',
  description: 'Sends money',
  parameters: z.object({ to: z.string(), cents: z.number() }),
  needsApproval: true,
  // It runs from the bytes that were approved, and not from a second reading of them.
  execute: async (_parsed, { context }, details) => {
    const { to, cents } = parseBoundJson(bytes(details.toolCall.arguments))
    payments.push({ userId: context.user.userId, to, cents })
    return 'sent'
  },
})
const agent = new Agent({ name: 'payer', model, tools: [sendMoney] })
const runner = new Runner({ tracingDisabled: true })

/** Runs until somebody has to approve. What rests holds the state of the run and whose it is. */
async function suspend(context) {
  const { state, interruptions } = await runner.run(agent, 'Pay carol', { context: { user: context } })
  if (interruptions.length !== 1) throw new Error('The run did not ask')
  const text = state.toString()
  const sealing = { ...hop, sealer: ring.sealer, ttlMs: 60_000, once: true, bind: bytes(text) }
  return { text, sealed: await sealContext(context, sealing) }
}

async function openRun({ text, sealed }, owner) {
  const options = { ...hop, opener: ring.opener, owner, bind: bytes(text), replay, sessions }
  return openSealed(sealed, options)
}

/** Resumes for whoever asks; `approval` is what the person who was asked gave, or nothing. */
async function resume(resting, caller, approval) {
  const context = await openRun(resting, caller)
  const agentContext = new RunContext({ user: context })
  const state = await RunState.fromStringWithContext(agent, resting.text, agentContext, { contextStrategy: 'replace' })
  for (const interruption of state.getInterruptions()) {
    const call = callOf(interruption)
    const approver = await openApproval(approval, {
      ...{ opener: ring.opener, audience: 'agents' },
      acting: context,
      call,
      replay,
      sessions,
    })
    if (approver.userId !== context.userId) throw new Error('Somebody else approved')
    state.approve(interruption)
  }
  return runner.run(agent, state)
}

const callOf = ({ rawItem }) => ({ tool: rawItem.name, arguments: bytes(rawItem.arguments) })
/** What the page of the person sends: their own request, with a context of its own. */
const approve = (person, runId, call) =>
  approveToolCall(person, { sealer: ring.sealer, audience: 'agents', ttlMs: 60_000, runId, call })

const alice = { userId: 'alice', tenantId: 'acme', sessionId: 's-1' }
const call = { tool: 'send_money', arguments: bytes(order) }
const newRun = async (facts) => deriveChild(await contextOf(facts), 'pay', { actor: { name: 'payer', kind: 'agent' } })
const codeOf = (attempt) =>
  attempt.then(
    () => 'was let in',
    (error) => error.code ?? error.message,
  )

await check(environment, 'a run is suspended, approved by its user and resumed', async () => {
  const context = await newRun(alice)
  const resting = await suspend(context)
  if (resting.text.includes('alice')) throw new Error('The state of the run names the user')
  const approval = await approve(await contextOf({ ...alice, sessionId: 's-2' }), context.runId, call)
  const result = await resume(resting, await contextOf(alice), approval)
  const [paid] = payments.splice(0)
  if (result.finalOutput !== 'done' || paid?.userId !== 'alice' || paid.to !== 'carol' || paid.cents !== 100)
    throw new Error(JSON.stringify({ output: result.finalOutput, paid }))
  const again = await codeOf(resume(resting, await contextOf(alice), approval))
  if (again !== 'ERR_CONTEXT_SEAL_REPLAYED') throw new Error(`It was resumed twice: ${again}`)
})

await check(environment, "another user's resume is refused, and so is a state that was changed", async () => {
  const context = await newRun(alice)
  const resting = await suspend(context)
  const approval = await approve(await contextOf(alice), context.runId, call)
  const bob = await contextOf({ ...alice, userId: 'bob' })
  const changed = { ...resting, text: resting.text.replaceAll('carol', 'mallo') }
  const failures = []
  const expectCode = async (what, attempt, wanted) => {
    const code = await codeOf(attempt)
    if (code !== wanted) failures.push(`${what}: ${code}, instead of ${wanted}`)
  }
  await expectCode('bob resumes', resume(resting, bob, approval), 'ERR_CONTEXT_SEAL_SUBJECT')
  await expectCode(
    'the order is changed',
    resume(changed, await contextOf(alice), approval),
    'ERR_CONTEXT_SEAL_BINDING',
  )
  const bobs = await suspend(await newRun({ ...alice, userId: 'bob' }))
  const swapped = { text: resting.text, sealed: bobs.sealed }
  await expectCode("bob's seal on alice's run", resume(swapped, bob, approval), 'ERR_CONTEXT_SEAL_BINDING')
  if (payments.length > 0) failures.push(`Money was sent: ${JSON.stringify(payments)}`)
  await sessions.revoke({ session: await contextOf(alice) })
  const late = await contextOf({ ...alice, sessionId: 's-3' })
  await expectCode('after the sign-out', resume(resting, late, approval), 'ERR_CONTEXT_IDENTITY_REVOKED')
  expectNone(failures)
})

await check(environment, 'an approval is for one call, given by a person, used once', async () => {
  const failures = []
  const person = await contextOf({ ...alice, sessionId: 's-4' })
  const start = async () => {
    const context = await newRun({ ...alice, sessionId: 's-4' })
    return { context, resting: await suspend(context) }
  }
  const expectRefused = async (what, wanted, toApproval) => {
    const { context, resting } = await start()
    const code = await codeOf(toApproval(context).then((approval) => resume(resting, person, approval)))
    if (code !== wanted) failures.push(`${what}: ${code}, instead of ${wanted}`)
  }
  const binding = 'ERR_CONTEXT_SEAL_BINDING'
  const cheaper = { ...call, arguments: bytes('{"to":"carol","cents":1}') }
  await expectRefused('other arguments', binding, ({ runId }) => approve(person, runId, cheaper))
  await expectRefused('another tool', binding, ({ runId }) => approve(person, runId, { ...call, tool: 'read_note' }))
  await expectRefused('another run', binding, () => approve(person, crypto.randomUUID(), call))
  await expectRefused('the agent approves itself', 'ERR_CONTEXT_SEAL_APPROVER', (run) => approve(run, run.runId, call))
  await expectRefused('bob approves a run of his own', binding, async ({ runId }) =>
    approve(await contextOf({ ...alice, userId: 'bob' }), runId, call),
  )
  await expectRefused('no approval', 'ERR_CONTEXT_SEAL_MALFORMED', async () => undefined)
  if (payments.length > 0) failures.push(`Money was sent: ${JSON.stringify(payments)}`)
  expectNone(failures)
})
sessions.close()
process.exit(0)
