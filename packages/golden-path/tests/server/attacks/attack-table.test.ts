// Each attack against each route and each message, by reflection over the route table and the schema of messages: a new
// one turns this red until it is in tests/server/attacks/targets.ts. AISVS 9.5.6, 10.2.1, 10.2.2; RFC 8725 section 3.3.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientMessageSchema } from '../../../src/phases/wire/client-message.ts'
import { toRoutes } from '../../../src/server/routes/all-routes.ts'
import type { OwnLogin } from '../../../src/server/routes/login-routes.ts'
import { openClient, type Client, type Message } from '../test-server.ts'
import { canary, openAttackWorld, password, victimKey, victimThread, type AttackWorld } from './attack-world.ts'
import { messages, openRoutes, requests, unknownNames, type Named } from './targets.ts'
import { toComparable } from './to-comparable.ts'

let world: AttackWorld
let attempts = 0
beforeAll(async () => {
  world = await openAttackWorld()
}, 60_000)
afterAll(async () => {
  expect(await world.stillWaits()).toBe(true)
  console.log(`attack table of routes: ${attempts} attempts, each refused or answered as for names of nobody`)
  await world.server.close()
})

const routes = toRoutes({} as OwnLogin, '').map(({ method, path }) => `${method} ${path}`)
const types = clientMessageSchema.oneOf.map(({ properties }) => properties.type.const)
const namesOfVictim = (): Named => ({ runId: world.victim.runId, threadId: victimThread, key: victimKey })
const ask = async (route: string, named: Named, token: string | undefined) => {
  attempts++
  const { path, body } = requests[route]!(named)
  return world.server.request(route.split(' ')[0]!, path, { body, ...(token !== undefined && { token }) })
}
describe('the attack table', () => {
  test('has a request for every route and a message for every type', () => {
    expect(Object.keys({ ...requests, ...openRoutes }).sort()).toEqual([...routes].sort())
    expect(Object.keys(messages).sort()).toEqual([...types].sort())
  })
})

describe('a token that must not be let in', () => {
  test('is refused alike by every route, and by the upgrade', async () => {
    for (const [attack, token] of Object.entries(await world.refusedTokens())) {
      for (const route of Object.keys(requests)) {
        const { status, text } = await ask(route, namesOfVictim(), token)
        expect([attack, route, status]).toEqual([attack, route, 401])
        expect(text).toBe('{"code":"ERR_CONTEXT_IDENTITY_REFUSED","message":"Please sign in."}')
      }
      attempts++
      const upgrade = openClient(world.server, token === undefined ? {} : { token })
      await expect(upgrade, attack).rejects.toMatchObject({ status: 401 })
    }
  })

  test('renews nothing over an open socket, which stays that of its user', async () => {
    const user = await world.newUser()
    const client = await openClient(world.server, { token: user.token })
    const tokens = { ...(await world.refusedTokens()), ...world.others, 'the victim': world.victim.token }
    for (const [attack, token] of Object.entries(tokens)) {
      const answer = await say(client, { type: 'renew_token', token: token ?? '' })
      expect([attack, answer.type]).toEqual([attack, 'error'])
    }
    expect(await say(client, { type: 'cancel_run', runId: world.victim.runId })).toMatchObject({
      code: 'ERR_CONTEXT_RUN_NOT_FOUND',
    })
    client.close()
  })
})

describe('an identity that ends while its socket is open', () => {
  test.each([
    ['signed out', async (user: User) => world.server.request('POST', '/logout', { token: user.token })],
    ['signed out everywhere', async ({ userId }: User) => world.goldenPath.users!.accounts.signOutEverywhere(userId)],
    ['demoted', async ({ userId }: User) => world.goldenPath.users!.accounts.setPermissions(userId, ['read'])],
    ['disabled', async ({ userId }: User) => world.goldenPath.users!.accounts.disable(userId)],
    ['deleted', async ({ userId }: User) => world.goldenPath.users!.accounts.remove(userId)],
    ['of a tenant that is signed out', async ({ tenantId }: User) => world.revokeTenant(tenantId)],
  ])('is answered no message of any type: %s', async (_attack, end) => {
    for (const type of types) {
      attempts++
      const user = await world.newUser()
      const client = await openClient(world.server, { token: user.token })
      await client.next((message) => message.type === 'connection_ready')
      await end(user)
      client.send({ type, ...messages[type]!(unknownNames(), user.token) })
      expect(await client.closed).toMatchObject({ code: 4401 })
      expect(client.messages.map((message) => message.type)).toEqual(['connection_ready'])
    }
  })
})

describe('another user, with the names of the victim', () => {
  test('is answered by every route as for names that nobody has', async () => {
    for (const [attack, token] of Object.entries(world.others)) {
      for (const route of Object.keys(requests).filter((each) => each !== 'POST /logout')) {
        const [stolen, unknown] = [namesOfVictim(), unknownNames()]
        const answers = [await ask(route, stolen, token), await ask(route, unknown, token)] as const
        expect([attack, route, answers[0].status]).toEqual([attack, route, answers[1].status])
        // Lists grow by what the attack itself has started.
        if (route !== 'GET /threads')
          expect(toComparable(answers[0].text, stolen)).toBe(toComparable(answers[1].text, unknown))
        expect(answers[0].text).not.toContain(canary)
        expect(answers[0].text).not.toContain(world.victim.runId)
      }
    }
  })

  test('is answered every message as for names that nobody has', async () => {
    for (const [attack, token] of Object.entries(world.others)) {
      const client = await openClient(world.server, { token })
      for (const type of types) {
        if (type === 'ping') continue
        const [stolen, unknown] = [namesOfVictim(), unknownNames()]
        const toMessage = (named: Named): object => ({ type, ...messages[type]!(named, token) })
        const answers = [await say(client, toMessage(stolen)), await say(client, toMessage(unknown))]
        expect([attack, type, toComparable(JSON.stringify(answers[0]), stolen)]).toEqual([
          attack,
          type,
          toComparable(JSON.stringify(answers[1]), unknown),
        ])
      }
      client.close()
      await client.closed
      const bytes = client.bytes().toString('latin1')
      for (const mark of [canary, world.victim.runId]) expect(bytes).not.toContain(mark)
    }
  })
})

describe('a sign-in under way while its user is disabled', () => {
  test('gives no token that lives, whichever comes first', async () => {
    const { accounts, hasher, store } = world.goldenPath.users!
    // As slow to compare as that of any user: long enough for the change to come in between.
    const record = await hasher.toRecord(password)
    for (const pauseMs of [0, 10, 20, 40]) {
      attempts++
      const userName = `signing-in-${pauseMs}`
      await store.add({ userId: userName, userName, password: record })
      const signingIn = world.server.request('POST', '/login', { body: { userName, password } })
      await pause(pauseMs)
      await accounts.disable(userName)
      const { status, body } = await signingIn
      const token = body.accessToken as string | undefined
      const isAlive = token !== undefined && (await world.server.request('GET', '/threads', { token })).status !== 401
      expect([pauseMs, status, isAlive]).toEqual([pauseMs, token === undefined ? 401 : 200, false])
    }
  })
})

describe('what is used a second time', () => {
  test('a ticket opens one socket, and one that somebody made up opens none', async () => {
    const { ticket } = (await world.server.request('POST', '/ticket', { token: (await world.newUser()).token })).body
    const path = `/ws?ticket=${encodeURIComponent(ticket as string)}`
    const client = await openClient(world.server, { path })
    attempts += 4
    await expect(openClient(world.server, { path })).rejects.toMatchObject({ status: 401 })
    // Of the right form, of the victim's own token, and none at all.
    for (const forged of ['A'.repeat(43), world.victim.token, ''])
      await expect(openClient(world.server, { path: `/ws?ticket=${forged}` })).rejects.toMatchObject({ status: 401 })
    client.close()
  })

  test('the key of a start starts nothing for its user again, and is refused with another input', async () => {
    const { token, runId } = world.victim
    const start = (text: string) =>
      world.server.request('POST', '/runs', {
        token,
        body: { input: { text }, threadId: victimThread, idempotencyKey: victimKey },
      })
    attempts += 2
    expect((await start(`wait ${canary}`)).body).toMatchObject({ runId })
    expect((await start('another input')).status).toBe(422)
  })

  test('a password of a user who was disabled, deleted or given another one signs nobody in', async () => {
    const { accounts } = world.goldenPath.users!
    for (const attack of [
      (userId: string) => accounts.disable(userId),
      (userId: string) => accounts.remove(userId),
      (userId: string) => accounts.changePassword(userId, 'another password of it'),
    ]) {
      attempts++
      const { userId, userName } = await world.newUser()
      await attack(userId)
      expect((await world.server.request('POST', '/login', { body: { userName, password } })).status).toBe(401)
    }
  })
})

type User = Awaited<ReturnType<AttackWorld['newUser']>>

/** Sends a message and gives its answer. */
async function say(client: Client, message: object): Promise<Message> {
  const clientRequestId = `attempt-${++attempts}`
  client.send({ ...message, clientRequestId })
  return client.next((answer) => answer['clientRequestId'] === clientRequestId)
}
