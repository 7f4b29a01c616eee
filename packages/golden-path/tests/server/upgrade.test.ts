import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import { identityProvider } from 'user-execution-context'
import { openClient, openTestServer, type Client, type TestServer } from './test-server.ts'

let server: TestServer
let token: string
beforeAll(async () => {
  server = await openTestServer({ limits: { connectionsPerUser: 4 } })
  token = await server.signIn(0)
})
afterAll(() => server.close())

const issueTicket = async (): Promise<string> =>
  (await server.request('POST', '/ticket', { token })).body.ticket as string
const opens = async (client: Promise<Client>): Promise<Client> => {
  const opened = await client
  expect(await opened.next(({ type }) => type === 'connection_ready')).toBeDefined()
  opened.close()
  await opened.closed
  return opened
}

describe('openUpgrades', () => {
  test('lets in by the Authorization header', async () => {
    await opens(openClient(server, { token }))
  })

  test('lets in by the subprotocol pair, and does not echo the token', async () => {
    const client = await opens(openClient(server, { protocols: ['uec.v1', `bearer.${token}`] }))
    expect(client.socket.protocol).toBe('uec.v1')
    expect(client.bytes().toString('latin1')).not.toContain(token)
  })

  test('lets in by a ticket, once', async () => {
    const ticket = await issueTicket()
    await opens(openClient(server, { path: `/ws?ticket=${ticket}` }))
    await expect(openClient(server, { path: `/ws?ticket=${ticket}` })).rejects.toMatchObject({ status: 401 })
  })

  test('takes a ticket for no more than the session that it was issued in', async () => {
    const own = await server.signIn(0)
    const { ticket } = (await server.request('POST', '/ticket', { token: own })).body
    await server.request('POST', '/logout', { token: own })
    await expect(openClient(server, { path: `/ws?ticket=${ticket}` })).rejects.toMatchObject({ status: 401 })
  })

  const forge = (claims: object): Promise<string> =>
    new SignJWT({ sub: 'alice', ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('user-execution-context')
      .setAudience('user-execution-context')
      .setExpirationTime('1h')
      .sign(randomBytes(32))

  test.each([
    ['no credentials', async () => ({})],
    ['a token in the query', async () => ({ path: `/ws?token=${token}&access_token=${token}` })],
    ['a token signed by somebody else', async () => ({ token: await forge({}) })],
    ['a token without signature', async () => ({ token: token.replace(/[^.]+$/, '') })],
    ['an unknown ticket', async () => ({ path: '/ws?ticket=x' })],
    ['a token beside no known subprotocol', async () => ({ protocols: [`bearer.${token}`] })],
    [
      'two tokens in the subprotocols',
      async () => ({ protocols: ['uec.v1', `bearer.${token}`, `bearer.${await server.signIn(1)}`] }),
    ],
    ['two tickets', async () => ({ path: `/ws?ticket=${await issueTicket()}&ticket=${await issueTicket()}` })],
    [
      'two Authorization lines, the first of which is right',
      async () => ({ headers: { authorization: [`Bearer ${token}`, 'Bearer other'] as never } }),
    ],
    [
      'two Authorization lines beside a right token in the subprotocols',
      async () => ({
        headers: { authorization: ['Bearer one', 'Bearer other'] as never },
        protocols: ['uec.v1', `bearer.${token}`],
      }),
    ],
    [
      'a user name in place of a token',
      async () => ({ headers: { 'authorization': 'Bearer alice', 'x-user-id': 'alice' } }),
    ],
  ])('refuses %s', async (_name, make) => {
    await expect(openClient(server, await make())).rejects.toMatchObject({ status: 401 })
  })

  test.each(['https://evil.test', 'null', 'http://localhost', 'http://127.0.0.1:1'])(
    'refuses a page of the origin %s, with the right token',
    async (origin) => {
      await expect(openClient(server, { token, origin })).rejects.toMatchObject({ status: 403 })
    },
  )

  test('lets in its own page', async () => {
    await opens(openClient(server, { token, origin: `http://localhost:${server.port}` }))
  })

  test.each(['/', '/ws/', '/wss', '//ws', '/ws/x?ticket=y'])('upgrades nothing at %s', async (path) => {
    await expect(openClient(server, { token, path })).rejects.toMatchObject({ status: 404 })
  })

  test('closes the connection of a user who has the most allowed, and lets in another user', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => openClient(server, { token })))
    await Promise.all(clients.map((client) => client.next(({ type }) => type === 'connection_ready')))
    const oneMore = await openClient(server, { token })
    expect(await oneMore.closed).toMatchObject({ code: 4429 })
    await opens(openClient(server, { token: await server.signIn(1) }))
    clients[0]!.close()
    await clients[0]!.closed
    await opens(openClient(server, { token }))
    for (const client of clients.slice(1)) client.close()
    await Promise.all(clients.map(({ closed }) => closed))
  })
})

describe('openUpgrades limits', () => {
  test('holds so many sockets of one address and no more, refused and closed ones not counted', async () => {
    const small = await openTestServer({ limits: { connectionsPerAddress: 2 } })
    const own = await small.signIn(0)
    for (let attempt = 0; attempt < 4; attempt++)
      await expect(openClient(small, {})).rejects.toMatchObject({ status: 401 })
    const clients = [await openClient(small, { token: own }), await openClient(small, { token: own })]
    await expect(openClient(small, { token: own })).rejects.toMatchObject({ status: 429 })
    clients[0]!.close()
    await clients[0]!.closed
    await opens(eventually(() => openClient(small, { token: own })))
    await small.close()
  })

  test('gives the place of a refused upgrade back with the answer, though the client keeps its side open', async () => {
    const small = await openTestServer({ limits: { connectionsPerAddress: 1, pendingUpgrades: 1 } })
    const own = await small.signIn(0)
    const lingering = connect({ port: small.port, host: '127.0.0.1', allowHalfOpen: true })
    lingering.write(toUpgradeRequest('wrong'))
    const [answer] = await once(lingering, 'data')
    expect(String(answer)).toContain('401')
    await opens(openClient(small, { token: own }))
    lingering.destroy()
    await small.close()
  })

  test('gives the place of a client that was cut back once, though its token fails later', async () => {
    const asked: (() => void)[] = []
    const identity = identityProvider({
      name: 'slow',
      verify: async (token: string) => {
        if (token !== 'slow') return { userId: 'theirs' }
        await new Promise<void>((resolve) => asked.push(resolve))
        return undefined
      },
    })
    const small = await openTestServer({ identity, limits: { connectionsPerAddress: 2, upgradeTimeMs: 60_000 } })
    const open = (): Promise<Client> => openClient(small, { token: 'quick' })
    const clients = [await open()]
    const leaving = connect(small.port, '127.0.0.1')
    leaving.write(toUpgradeRequest('slow'))
    await eventually(async () => expect(asked).toHaveLength(1))
    await expect(open()).rejects.toMatchObject({ status: 429 })
    leaving.resetAndDestroy()
    clients.push(await eventually(open))
    asked[0]!()
    await expect(open()).rejects.toMatchObject({ status: 429 })
    for (const client of clients) client.close()
    await small.close()
  })

  test('holds no place of the address for a socket whose user has the most allowed', async () => {
    const small = await openTestServer({ limits: { connectionsPerAddress: 2, connectionsPerUser: 1 } })
    const [alice, bob] = await Promise.all([small.signIn(0), small.signIn(1)])
    const first = await openClient(small, { token: alice })
    for (let attempt = 0; attempt < 3; attempt++) {
      const refused = await openClient(small, { token: alice })
      expect(await refused.closed).toMatchObject({ code: 4429 })
    }
    const second = await openClient(small, { token: bob })
    await expect(openClient(small, { token: bob })).rejects.toMatchObject({ status: 429 })
    first.close()
    second.close()
    await small.close()
  })

  test('refuses a message that is too large, and one of too many fragments, and nobody else is cut', async () => {
    const small = await openTestServer({ limits: { messageBytes: 1000, messageFragments: 4 } })
    const [bystander, large, fragmented] = await Promise.all([
      openClient(small, { token: await small.signIn(1) }),
      ...[1, 2].map(async () => openClient(small, { token: await small.signIn(0) })),
    ])
    large!.send('x'.repeat(1001))
    expect(await large!.closed).toMatchObject({ code: 1009 })
    for (let part = 0; part < 6; part++) fragmented!.socket.send('"', { fin: false })
    expect((await fragmented!.closed).code).toBe(1008)
    bystander!.send({ type: 'ping' })
    expect(await bystander!.next(({ type }) => type === 'pong')).toBeDefined()
    await small.close()
  })

  test('holds so many undecided upgrades and no more, and refuses those that take too long', async () => {
    // An issuer that is slow to give its keys: the check of every token waits for it.
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
    const waiting: (() => void)[] = []
    const issuer = createServer((_request, response) => {
      waiting.push(
        () =>
          void exportJWK(publicKey).then((key) => response.end(JSON.stringify({ keys: [{ ...key, alg: 'EdDSA' }] }))),
      )
    })
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
    const jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`
    const identity = jwtIdentity({ issuer: 'elsewhere', audience: 'here', jwksUrl, algorithms: ['EdDSA'] })
    const small = await openTestServer({ identity, limits: { pendingUpgrades: 2, upgradeTimeMs: 500 } })
    const theirs = await new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA' })
      .setSubject('theirs')
      .setIssuer('elsewhere')
      .setAudience('here')
      .setExpirationTime('1h')
      .sign(privateKey)

    const hanging = [1, 2].map(() =>
      openClient(small, { token: theirs }).catch((error: { status: number }) => error.status),
    )
    await eventually(async () => expect(waiting).toHaveLength(1))
    await expect(openClient(small, { token: theirs })).rejects.toMatchObject({ status: 429 })
    expect(await Promise.all(hanging)).toEqual([504, 504])
    for (const answer of waiting.splice(0)) answer()
    await eventually(() => opens(openClient(small, { token: theirs })))
    expect((await small.request('POST', '/login', { body: {} })).status).toBe(404)
    await small.close()
    issuer.close()
  })
})

const toUpgradeRequest = (token: string): string =>
  [
    'GET /ws HTTP/1.1',
    'host: localhost',
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
    `authorization: Bearer ${token}`,
    '',
    '',
  ].join('\r\n')

/** Repeats an action until it succeeds, or fails with its last failure after two seconds. */
async function eventually<Result>(action: () => Promise<Result>): Promise<Result> {
  const endsAt = performance.now() + 2000
  for (;;) {
    try {
      return await action()
    } catch (error) {
      if (performance.now() > endsAt) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
