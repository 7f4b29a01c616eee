// The keys that an issuer publishes, over HTTP, as they change while tokens come.
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JSONWebKeySet } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { discoverKeySet } from '../../src/login/issuer-document.ts'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import type { JwtIdentityOptions } from '../../src/login/jwt-options.ts'
import { publishedKeys } from '../../src/login/published-keys.ts'

const issuer = 'https://issuer.test'
const audience = 'agents'
const pairs = new Map<string, { readonly privateKey: CryptoKey; readonly jwk: object }>()
let server: Server
let url: string
let published: string[]
let fetches = 0
let answer: (response: ServerResponse) => void

beforeAll(async () => {
  for (const kid of ['one', 'two', 'three']) {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    pairs.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), alg: 'ES256', kid } })
  }
  server = createServer((_request, response) => {
    fetches++
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
})
afterAll(() => server.close())
beforeEach(() => {
  published = ['one']
  fetches = 0
  answer = (response) => response.end(toKeys())
})
afterEach(() => void vi.restoreAllMocks())

const sign = (kid: string, by = kid): Promise<string> =>
  new SignJWT({ sub: 'ada' })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime('1h')
    .sign(pairs.get(by)!.privateKey)
const identity = (change: Partial<JwtIdentityOptions> = {}): ReturnType<typeof jwtIdentity> =>
  jwtIdentity({ issuer, audience, algorithms: ['ES256'], jwksUrl: url, ...change })
const ada = { userId: 'ada' }
const unknownKey = { code: 'ERR_CONTEXT_TOKEN_KEY' }
const unavailable = { code: 'ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE' }
/** Lets the clock of intervals be so far on. */
const advance = (ms: number): void => {
  const nowMs = performance.now()
  vi.spyOn(performance, 'now').mockReturnValue(nowMs + ms)
}

describe('jwtIdentity while keys rotate', () => {
  test('takes a token of a new key at its first try, though the keys were fetched a moment ago', async () => {
    const identify = identity()
    await identify(await sign('one'))
    published = ['one', 'two']
    const outcomes = await Promise.all([await sign('two'), await sign('one'), await sign('two')].map(identify))
    expect(outcomes).toMatchObject([ada, ada, ada])
    expect(fetches).toBe(2)
  })

  test('asks once more for 5,000 tokens of keys that nobody has, and has no more than 4,096 of them wait', async () => {
    const identify = identity()
    await identify(await sign('one'))
    const tokens = await Promise.all(Array.from({ length: 5000 }, (_, index) => sign(`made-up-${index}`, 'two')))
    const refusals = await Promise.allSettled(tokens.map(identify))
    const codes = refusals.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { code: string }).code)
    expect(new Set(codes)).toEqual(new Set([unknownKey.code, unavailable.code]))
    expect(codes.filter((code) => code === unknownKey.code)).toHaveLength(4096)
    expect(fetches).toBe(2)
  })

  test('asks less and less often while such tokens go on, and takes a new key all the same', async () => {
    const identify = identity()
    const timesMs: number[] = []
    answer = (response) => (timesMs.push(performance.now()), response.end(toKeys()))
    await identify(await sign('one'))
    let isOver = false
    const flood = (async () => {
      while (!isOver) await identify(await sign('made-up', 'two')).catch(() => undefined)
    })()
    await vi.waitUntil(() => timesMs.length > 2, { timeout: 60_000 })
    published = ['two']
    await expect(identify(await sign('two'))).resolves.toMatchObject(ada)
    isOver = true
    await flood
    const gapsMs = timesMs.slice(1).map((atMs, index) => atMs - timesMs[index]!)
    // A second, then twice as long each time. On a busy machine a request comes some time after it was sent.
    expect(gapsMs[0]).toBeGreaterThan(500)
    expect(gapsMs[1]).toBeGreaterThan(1_500)
    expect(gapsMs[2]).toBeGreaterThan(3_500)
  })

  test('keep their list while they are the same, so that no token that is known is verified again', async () => {
    const keys = publishedKeys(async () => ({ keys: published.map((kid) => pairs.get(kid)!.jwk) }) as JSONWebKeySet)
    const find = (): Promise<unknown> => keys.find({ alg: 'ES256', kid: 'one' }, { payload: '', signature: '' })
    await find()
    const list = keys.currentList()
    advance(601_000)
    expect(keys.currentList()).toBeUndefined()
    await find()
    expect(keys.currentList()).toBe(list)
    published = ['one', 'two']
    vi.restoreAllMocks()
    advance(1_300_000)
    await find()
    expect(keys.currentList()).not.toBe(list)
  })

  test('refuses a key that is withdrawn after 10 minutes at the latest, also for a token that it knows', async () => {
    const identify = identity()
    const token = await sign('one')
    await identify(token)
    published = ['two']
    advance(599_000)
    await expect(identify(token)).resolves.toMatchObject(ada)
    vi.restoreAllMocks()
    advance(601_000)
    await expect(identify(token)).rejects.toMatchObject(unknownKey)
  })

  test('keeps serving while the issuer is down for less than five minutes', async () => {
    const identify = identity()
    await identify(await sign('one'))
    answer = (response) => response.writeHead(503).end()
    advance(301_000)
    await expect(identify(await sign('one'))).resolves.toMatchObject(ada)
    await vi.waitFor(() => expect(fetches).toBe(2))
    vi.restoreAllMocks()
    advance(601_000)
    await expect(identify(await sign('one'))).rejects.toMatchObject(unavailable)
  })

  test('does not have a token of an unknown key wait for an issuer that is down', async () => {
    const identify = identity()
    await identify(await sign('one'))
    answer = (response) => response.writeHead(503).end()
    await expect(identify(await sign('two'))).rejects.toMatchObject(unavailable)
    await expect(identify(await sign('two'))).rejects.toMatchObject(unavailable)
    expect(fetches).toBe(2)
  })
})

describe('jwtIdentity and what an issuer answers', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['a redirect', (response) => response.writeHead(302, { location: url }).end()],
    ['a document without end', (response) => response.end(`{"keys":[],"pad":"${'x'.repeat(1_100_000)}"}`)],
    ['keys of another machine over plain HTTP', (response) => response.end(toDocument('http://example.com/keys'))],
    ['keys in a file', (response) => response.end(toDocument('file:///etc/passwd'))],
    ['keys nowhere', (response) => response.end(JSON.stringify({ issuer }))],
    ['null', (response) => response.end('null')],
    ['an answer that says it is an error', (response) => response.writeHead(500).end(toKeys())],
    ['the document of another issuer', (response) => response.end(toDocument(url, 'https://other.test'))],
  ])('takes no keys from %s', async (_name, reply) => {
    answer = reply
    for (const source of [{ jwksUrl: url }, { jwksUrl: undefined, discovery: url }])
      await expect(identity(source)(await sign('one'))).rejects.toMatchObject(unavailable)
    expect(fetches).toBe(2)
  })

  test.each(['http://127.0.0.1/keys', 'http://localhost/keys', 'http://[::1]/keys', 'http://id.example.com/keys'])(
    'takes no keys from %s when the document came over HTTPS',
    async (address) => {
      // Whoever listens on this machine could sign for all users of the issuer.
      const fetching = vi
        .spyOn(globalThis, 'fetch')
        .mockImplementation(async () => new Response(toDocument(address, 'https://id.example.com')))
      const remote = new URL('https://id.example.com/.well-known/openid-configuration')
      await expect(discoverKeySet(remote, 'https://id.example.com')).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE',
        issues: [{ path: 'jwks_uri', kind: 'refused by policy' }],
      })
      expect(fetching).toHaveBeenCalledTimes(1)
      fetching.mockRestore()
    },
  )

  test('waits for one that never answers for a bounded time', async () => {
    const realTimeout = AbortSignal.timeout.bind(AbortSignal)
    const asked: number[] = []
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      asked.push(ms)
      return realTimeout(50)
    })
    answer = () => {}
    await expect(identity()(await sign('one'))).rejects.toMatchObject(unavailable)
    expect(asked).toEqual([5000])
  })

  test('finds the keys through the document of the issuer, and again when they move', async () => {
    const keys = answer
    // At a path of its own: a request that the test before gave up may come only now.
    const moved = new URL('/moved-keys', url).href
    const documents: string[] = []
    server.prependListener('request', ({ url: path }) => void (path === '/keys' || documents.push(path!)))
    answer = (response) => (response.req.url === '/document' ? response.end(toDocument(moved)) : keys(response))
    const identify = identity({ jwksUrl: undefined, discovery: new URL('/document', url) })
    await expect(identify(await sign('one'))).resolves.toMatchObject(ada)
    expect(documents).toEqual(['/document', '/moved-keys'])
  })
})

function toDocument(jwksUri: string, of = issuer): string {
  return JSON.stringify({ issuer: of, jwks_uri: jwksUri })
}

function toKeys(): string {
  return JSON.stringify({ keys: published.map((kid) => pairs.get(kid)!.jwk) })
}
