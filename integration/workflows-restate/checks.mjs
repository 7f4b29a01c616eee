// The recipe for Restate on a real Restate server: a workflow acts for its user, and names nobody.
import { serve } from '@restatedev/restate-sdk'
import { sealingKeys } from '@user-execution-context/transfer'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createForUser, identityProvider, liveSessions } from 'user-execution-context'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'
import { reportService, toInput } from './programs/restate.ts'
import { openRestate } from './restate-server.mjs'

const here = import.meta.dirname
const versionOf = (name) => createRequire(import.meta.url)(`./node_modules/${name}/package.json`).version
const sdk = '@restatedev/restate-sdk'
const server = '@restatedev/restate-server-linux-x64'
const environment = `guide, ${sdk} ${versionOf(sdk)}, server ${versionOf(server)}`
const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const ring = sealingKeys({ workload: 'web', keys: [{ kty: 'oct', alg: 'A256GCM', kid: '1', k: secret }] })
const sessions = liveSessions({ maxProofMs: 3_600_000 })
const verify = (userId) => ({ userId, sessionId: `session-of-${userId}`, expiresAtMs: Date.now() + 600_000 })
const signIn = identityProvider({ name: 'session', sessions, verify })
const contextOf = async (userId) => createForUser(await signIn(userId))
const names = ['alice', 'bob']
const users = await Promise.all(names.map((name) => contextOf(`patient-${name}`)))

/** What was done, for whom. A step whose payload is `between` waits for what a check does between two steps. */
const done = []
let between = async () => {}
const report = {
  write: async ({ userId }, payload) => {
    done.push({ step: 'write', userId, text: payload })
    if (payload.includes('signs out')) await between()
    return `text of ${payload}`
  },
  send: async ({ userId }, text) => {
    done.push({ step: 'send', userId, text })
    return 'sent'
  },
}
const stepsOf = (payload) => done.filter(({ text }) => text.includes(payload)).map(({ step }) => step)

const port = await serve({ services: [reportService({ opener: ring.opener, sessions }, report)], port: 0 })
const restate = await openRestate(join(here, 'node_modules', server, 'bin/restate-server'))
const post = (address, body, headers = {}) =>
  fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const registered = await post(`${restate.admin}/deployments`, { uri: `http://127.0.0.1:${port}` })
assert.equal(registered.status, 201, await registered.text())
const start = async (input) =>
  (await post(`${restate.ingress}/reports/report`, input, { 'idempotency-key': input.id })).status

try {
  await check(environment, 'a workflow acts for its user, and for nobody else', async () => {
    const inputs = await Promise.all(
      Array.from({ length: 40 }, (_, index) => toInput(users[index % 2], ring.sealer, `${names[index % 2]} ${index}`)),
    )
    assert.deepEqual(new Set(await Promise.all(inputs.map(start))), new Set([200]))
    assert.equal(done.length, 80)
    for (const { userId, text } of done) assert.ok(text.includes(userId.slice('patient-'.length)), `${userId}: ${text}`)
    // The same key is the same workflow.
    assert.equal(await start(inputs[0]), 200)
    assert.equal(done.length, 80)
  })
  await check(
    environment,
    "the text of another user's workflow is refused, and so is one after a sign-out",
    async () => {
      const [own, other] = await Promise.all(users.map((user, index) => toInput(user, ring.sealer, `swap ${index}`)))
      assert.equal(await start({ ...other, sealed: own.sealed }), 403)
      assert.deepEqual(stepsOf('swap'), [])
      between = () => sessions.revoke({ session: users[1] })
      assert.equal(await start(await toInput(users[1], ring.sealer, 'bob signs out')), 401)
      assert.deepEqual(stepsOf('bob signs out'), ['write'])
    },
  )
  await check(environment, 'the journal of Restate names nobody', async () => {
    const query = 'SELECT * FROM sys_journal'
    const journal = await (await post(`${restate.admin}/query`, { query })).text()
    const holds = (text) => journal.includes(text) || journal.includes(Buffer.from(text).toString('hex'))
    // Bytes are shown in hex: what the steps gave is found so, and so would a name be.
    assert.ok(holds('text of bob signs out'))
    assert.ok(!holds('patient-') && !holds('session-of'))
  })
} finally {
  await restate.close()
}
await check(environment, 'the program of its guide compiles on TypeScript 5.9.3', async () => {
  const { exitCode, output } = await runProgram(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], {
    cwd: here,
  })
  if (exitCode !== 0) throw new Error(output)
})
process.exit(0)
