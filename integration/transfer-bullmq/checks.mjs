// A job and a schedule of BullMQ over a real Redis: the worker acts for the user who asked, and for nobody else.
import { openSealed, sealContext, sealingKeys } from '@user-execution-context/transfer'
import { replayMemoryContract } from '@user-execution-context/transfer/contracts'
import { Queue, QueueEvents, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { createRequire } from 'node:module'
import { createForUser, identityProvider, liveSessions } from 'user-execution-context'
import { check, expectNone } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'
import { addJob, openWorker } from './programs/bullmq.ts'
import { openRedis } from './redis.mjs'
import { redisReplayMemory } from './redis-replay-memory.mjs'

const { version } = createRequire(import.meta.url)('bullmq/package.json')
const redis = await openRedis()
const environment = `transfer, bullmq ${version}, Redis ${redis.version}`
const connection = { path: redis.path, maxRetriesPerRequest: null }
const client = new Redis(connection)
const replay = redisReplayMemory(client)

const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const key = { kty: 'oct', alg: 'A256GCM', kid: 'queue-1', k: secret }
const { sealer, opener } = sealingKeys({ workload: 'web', keys: [key] })
const signIn = identityProvider({ name: 'session', verify: (facts) => facts })
const contextOf = async (facts) => createForUser(await signIn(facts))
const sessions = liveSessions({ maxProofMs: 3_600_000 })
const verify = (userId) => ({ userId, sessionId: `session-of-${userId}`, expiresAtMs: Date.now() + 3_600_000 })
const identity = identityProvider({ name: 'session', sessions, verify })
const signedIn = async (userId) => createForUser(await identity(userId))
const bytes = (text) => new TextEncoder().encode(text)
const hop = { audience: 'worker', purpose: 'send-report' }
const closing = []

await check(environment, 'the program of its guide compiles on TypeScript 5.9.3', async () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { exitCode, output } = await runProgram(process.execPath, [tsc, '-p', '.'], { cwd: import.meta.dirname })
  if (exitCode !== 0) throw new Error(output)
})

await check(environment, 'a replay memory in Redis keeps the contract', async () => {
  for (const { name, run } of replayMemoryContract(() => replay))
    await run().catch((error) => Promise.reject(new Error(`${name}: ${error.message}`)))
})

await check(environment, 'a job acts for its user, also when it is retried, and for nobody else', async () => {
  const queue = open(new Queue('reports', { connection }))
  const events = open(new QueueEvents('reports', { connection }))
  const attempts = []
  open(
    openWorker(connection, { opener, replay, sessions }, async ({ userId, runId }, { report }) => {
      attempts.push(report)
      if (report === 7 && attempts.filter((one) => one === 7).length === 1) throw new Error('the printer is out')
      return { userId, runId, report }
    }),
  )
  const [alice, bob] = await Promise.all(['alice', 'bob'].map(signedIn))
  const alices = await addJob(queue, alice, sealer, '{"report":7}')
  const bobs = await addJob(queue, bob, sealer, '{"report":8}')
  const results = await Promise.all([alices, bobs].map((job) => job.waitUntilFinished(events, 20_000)))
  const failures = []
  const expectResult = (result, userId, runId, report) => {
    if (result.userId !== userId || result.runId !== runId || result.report !== report)
      failures.push(`The job of ${userId} gave ${JSON.stringify(result)}`)
  }
  expectResult(results[0], 'alice', alice.runId, 7)
  expectResult(results[1], 'bob', bob.runId, 8)
  if (attempts.filter((one) => one === 7).length !== 2) failures.push('The retry was not let in')

  const attacks = {
    "alice's text in a job of bob's": [{ sealed: alices.data.sealed, payload: '{"report":8}' }, crypto.randomUUID()],
    "alice's whole job under another id": [alices.data, crypto.randomUUID()],
    "a text of alice's that was bound to something else": [
      { sealed: await sealFor(alice, 'something else'), payload: '{"report":9}' },
      crypto.randomUUID(),
    ],
  }
  for (const [name, [data, jobId]] of Object.entries(attacks)) {
    const job = await queue.add('report', data, { jobId })
    const outcome = await job.waitUntilFinished(events, 20_000).catch((error) => error)
    if (!(outcome instanceof Error) || !/other bytes than those/.test(outcome.message))
      failures.push(`${name} was not refused: ${JSON.stringify(outcome)} ${outcome.message ?? ''}`)
  }
  const failedWith = (job) => job.waitUntilFinished(events, 20_000).then(JSON.stringify, ({ message }) => message)
  // A job that no worker has taken yet, with its text and another payload, and with a text for another purpose.
  await queue.pause()
  const waiting = await addJob(queue, alice, sealer, '{"report":7}')
  await waiting.remove()
  const changed = await queue.add('report', { ...waiting.data, payload: '{"report":8}' }, { jobId: waiting.id })
  const jobId = crypto.randomUUID()
  const bind = [bytes(jobId), bytes('{"report":7}')]
  const elsewhere = { audience: 'worker', purpose: 'send-invoice', sealer, ttlMs: 60_000, once: true, bind }
  const data = { sealed: await sealContext(alice, elsewhere), payload: '{"report":7}' }
  const misused = await queue.add('report', data, { jobId })
  // A payload that two parsers read as two numbers is not sealed; one that is no JSON is, and no worker reads it.
  const ambiguous = addJob(queue, alice, sealer, '9007199254740993')
  if (!/read in two ways/.test(await ambiguous.then(() => '', String))) failures.push('Ambiguous JSON was sealed')
  const unreadable = await addJob(queue, alice, sealer, 'report 7')
  await queue.resume()
  const reasons = await Promise.all([changed, misused, unreadable].map(failedWith))
  for (const [index, words] of [/other bytes than those/, /purpose/, /JSON/].entries())
    if (!words.test(reasons[index])) failures.push(`${words} is not why it failed: ${reasons[index]}`)
  if (/alice|bob/.test(reasons.join())) failures.push(`What stays in Redis names somebody: ${reasons.join()}`)
  // The same id once more, as whoever can write to Redis could put it there.
  await alices.remove()
  const again = await queue.add('report', alices.data, { jobId: alices.id })
  const outcome = await again.waitUntilFinished(events, 20_000).catch((error) => error)
  if (!/was opened before/.test(outcome.message ?? '')) failures.push('A completed job ran twice')
  // Signed out while the job waits for a worker.
  await queue.pause()
  const carol = await signedIn('carol')
  const carols = await addJob(queue, carol, sealer, '{"report":9}')
  await sessions.revoke({ session: carol })
  await queue.resume()
  const ended = await carols.waitUntilFinished(events, 20_000).catch((error) => error)
  if (!/was revoked/.test(ended.message ?? '')) failures.push(`A signed-out user is served: ${ended.message}`)
  expectNone(failures)
})

function sealFor(context, thing) {
  return sealContext(context, { ...hop, sealer, ttlMs: 60_000, once: true, bind: bytes(thing) })
}

await check(environment, 'a schedule asks what the user may do today, and stops with the user', async () => {
  const users = new Map([['alice', ['notes:read', 'notes:write']]])
  const plan = { audience: 'worker', purpose: 'nightly-summary', bind: bytes('plan-1') }
  const expiresAtMs = Date.now() + 1500
  const context = await contextOf({ userId: 'alice', permissions: users.get('alice'), expiresAtMs })
  const sealed = await sealContext(context, { ...plan, sealer, ttlMs: 30 * 86_400_000 })
  const queue = open(new Queue('plans', { connection }))
  const firings = []
  const asked = []
  const reauthorize = ({ userId, identityEndedAtMs }) => {
    asked.push({ userId, identityEndedAtMs })
    return users.has(userId) ? { permissions: users.get(userId) } : undefined
  }
  const fire = async (job) => {
    const opened = await openSealed(job.data.sealed, { ...plan, opener, reauthorize, liveness: 'end-only' })
    return { userId: opened.userId, permissions: opened.permissions }
  }
  open(new Worker('plans', async (job) => firings.push(await fire(job).catch(({ code }) => code)), { connection }))
  await queue.upsertJobScheduler('nightly', { every: 200 }, { name: 'summary', data: { sealed } })
  const waitFor = async (what, isThere) => {
    const deadlineMs = Date.now() + 20_000
    while (!isThere()) {
      if (Date.now() > deadlineMs) throw new Error(`Waited for ${what}. Firings: ${JSON.stringify(firings)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await waitFor('the first firing', () => firings.length > 0)
  if (asked.length > 0 || firings[0].permissions?.length !== 2)
    throw new Error('It was asked before the identity ended')
  users.set('alice', ['notes:read', 'admin'])
  await waitFor('a firing with less', () => firings.some(({ permissions }) => permissions?.length === 1))
  if (firings.some(({ permissions }) => permissions?.includes('admin'))) throw new Error('A right was added')
  if (asked.some(({ identityEndedAtMs }) => identityEndedAtMs !== expiresAtMs))
    throw new Error('Asked with another end')
  users.delete('alice')
  await waitFor('a refusal', () => firings.includes('ERR_CONTEXT_SEAL_REAUTHORIZATION'))
  // Another user's plan with her text: the plan is what it is bound to.
  const moved = { ...plan, bind: bytes('plan-2'), opener, reauthorize, liveness: 'end-only' }
  const code = await openSealed(sealed, moved).catch((error) => error.code)
  if (code !== 'ERR_CONTEXT_SEAL_BINDING') throw new Error(`The text of another plan gave ${code}`)
})

await Promise.allSettled(closing.reverse().map((part) => part.close()))
client.disconnect()
await redis.close()
process.exit(0)

function open(part) {
  part.on('error', () => undefined)
  closing.push(part)
  return part
}
