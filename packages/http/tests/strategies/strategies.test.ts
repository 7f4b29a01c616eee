import { describe, expect, test } from 'vitest'
import { apiKey, bearerToken, cookieToken, firstToken, type AnyRequest } from '@user-execution-context/http'

type Headers_ = Readonly<Record<string, string>>
/** One request in both forms. */
const both = (headers: Headers_, method = 'GET'): readonly (readonly [string, AnyRequest])[] => [
  ['web', new Request('http://localhost/', { method, headers })],
  ['node', toNode(headers, method)],
]
const toNode = (headers: Headers_, method = 'GET'): AnyRequest => ({
  method,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  rawHeaders: Object.entries(headers).flat(),
})
/** A request whose Origin a browser would set itself: fetch() forbids it, so the web form is made by hand. */
const toWeb = (headers: Headers_, method: string): AnyRequest => ({ method, headers: new Headers(headers) })

describe('bearerToken', () => {
  test.each([
    ['Bearer abc.def-_~+/==', 'abc.def-_~+/=='],
    ['bearer abc', 'abc'],
    ['Bearer   abc', 'abc'],
    ['Basic abc', undefined],
    ['BearerPlus abc', undefined],
    ['abc', undefined],
    ['', undefined],
  ])('reads %j as %j', (authorization, token) => {
    for (const [form, request] of both({ authorization })) expect([form, bearerToken()(request)]).toEqual([form, token])
  })

  test.each(['Bearer', 'Bearer ', 'Bearer a b', 'bearer a,b', 'Bearer expired%token', `Bearer ${'a'.repeat(16_384)}`])(
    'refuses what is no token by its form, row %#: no other strategy stands in for it',
    (authorization) => {
      const session = cookieToken({ name: 'session', origins: ['https://app.example.com'] })
      for (const [, request] of both({ authorization, cookie: 'session=of-somebody-else' }))
        for (const find of [bearerToken(), firstToken(bearerToken(), session)])
          expect(() => find(request)).toThrow('headers.authorization: does not fit')
    },
  )

  test('finds nothing without the header, and nothing in the query', () => {
    expect(bearerToken()(new Request('http://localhost/?access_token=abc'))).toBeUndefined()
    expect(bearerToken()({ headers: {} })).toBeUndefined()
  })

  test('refuses a header that came twice', () => {
    const rawHeaders = ['Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer b']
    expect(() => bearerToken()({ headers: { authorization: 'Bearer a' }, rawHeaders })).toThrow(
      'headers.authorization: duplicate',
    )
    expect(() => bearerToken()({ headers: { authorization: ['Bearer a', 'Bearer b'] } })).toThrow('duplicate')
    const headers = new Headers([
      ['authorization', 'Bearer a'],
      ['authorization', 'Bearer b'],
    ])
    expect(() => bearerToken()({ method: 'GET', headers })).toThrow('headers.authorization: does not fit')
  })
})

describe('cookieToken', () => {
  const find = cookieToken({ name: 'session', origins: ['https://app.example.com'] })

  test.each([
    ['session=abc', 'abc'],
    ['a=b; session=s%3Aabc.def=; c=d', 's%3Aabc.def='],
    ['session="abc"', 'abc'],
    ['session="abc', undefined],
    ['session=', undefined],
    ['session=a b', undefined],
    ['mysession=abc; sessions=d; Session=e', undefined],
    ['session', undefined],
    [`session=${'a'.repeat(16_384)}`, undefined],
  ])('reads %j as %j', (cookie, token) => {
    for (const [form, request] of both({ cookie })) expect([form, find(request)]).toEqual([form, token])
  })

  test.each(['\u00a0', '\u0085', '\u000b', 'a\t'])(
    'reads no cookie whose name has %j before it: a subdomain may set that one',
    (before) => {
      const name = '__Host-session'
      const host = cookieToken({ name, origins: ['https://app.example.com'] })
      const header = (cookie: string): AnyRequest => ({ method: 'GET', headers: { cookie } })
      expect(host(header(`${before}${name}=of-mallory`))).toBeUndefined()
      expect(host(header(`${before}${name}=of-mallory; \t${name} =\tof-ada `))).toBe('of-ada')
    },
  )

  test('refuses a cookie that came twice: a subdomain may have set the other one', () => {
    for (const [, request] of both({ cookie: 'session=a; session=b' }))
      expect(() => find(request)).toThrow('headers.cookie: duplicate')
  })

  const cookie = 'session=abc'
  test.each([
    ['POST', { origin: 'https://app.example.com' }, true],
    ['POST', { 'origin': 'https://app.example.com', 'sec-fetch-site': 'cross-site' }, true],
    ['POST', { 'sec-fetch-site': 'same-origin' }, true],
    ['GET', {}, true],
    ['HEAD', { 'sec-fetch-site': 'cross-site' }, true],
    ['POST', {}, false],
    ['POST', { origin: 'null' }, false],
    ['POST', { origin: 'https://app.example.com.evil.example' }, false],
    ['POST', { origin: 'https://app.example.com:8443' }, false],
    ['POST', { origin: 'http://app.example.com' }, false],
    ['POST', { 'origin': 'https://evil.example', 'sec-fetch-site': 'same-origin' }, false],
    ['POST', { 'sec-fetch-site': 'same-site' }, false],
    ['POST', { 'sec-fetch-site': 'none' }, false],
    ['DELETE', { referer: 'https://app.example.com/' }, false],
    ['post', { origin: 'https://evil.example' }, false],
    ['TRACE', {}, false],
    ['GET', { upgrade: 'websocket', origin: 'https://evil.example' }, false],
    ['GET', { upgrade: 'websocket' }, false],
    ['GET', { 'upgrade': 'websocket', 'sec-fetch-site': 'same-origin' }, false],
    ['GET', { upgrade: 'websocket', origin: 'https://app.example.com' }, true],
  ])('takes %s with %j: %s', (method, headers, isTaken) => {
    for (const request of [toNode({ cookie, ...headers }, method), toWeb({ cookie, ...headers }, method)]) {
      if (isTaken) expect(find(request)).toBe('abc')
      else expect(() => find(request)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_ORIGIN_REFUSED' }) as Error)
    }
  })

  test('takes a request that names no method for one that may change something', () => {
    const headers = { cookie, origin: 'https://evil.example' }
    for (const request of [{ headers }, { httpMethod: 'POST', headers }, { method: '', headers }])
      expect(() => find(request)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_ORIGIN_REFUSED' }) as Error)
    expect(find({ headers: { cookie, origin: 'https://app.example.com' } })).toBe('abc')
    expect(() => find({ headers })).toThrow('The request names no method: pass { method, headers }')
    expect(() => find({ method: 'POST', headers })).toThrow('Add the exact origin of your page')
  })

  test('asks nothing of a request without the cookie', () => {
    expect(find(toNode({ origin: 'https://evil.example' }, 'POST'))).toBeUndefined()
  })

  test.each([
    [{ name: 'a b', origins: ['https://a.test'] }, 'name: does not fit'],
    [{ name: 'session', origins: [] }, 'origins: missing'],
    [{ name: 'session' }, 'origins: missing'],
    [{ name: 'session', origins: ['https://a.test/'] }, 'origins[0]: does not fit'],
    [{ name: 'session', origins: ['https://a.test', '*'] }, 'origins[1]: does not fit'],
    [{ name: 'session', origins: ['null'] }, 'origins[0]: does not fit'],
    [undefined, 'name: does not fit; origins: missing'],
  ])('refuses the options %j', (options, words) => {
    expect(() => cookieToken(options as never)).toThrow(words)
    if (words.includes('does not fit'))
      expect(() => cookieToken(options as never)).toThrow('name is the name of a cookie (RFC 6265)')
  })
})

describe('apiKey', () => {
  test('reads the key', () => {
    for (const [form, request] of both({ 'X-Api-Key': 'key_abc' }))
      expect([form, apiKey()(request)]).toEqual([form, 'key_abc'])
  })

  test.each(['', 'a b', 'a'.repeat(4097)])(
    'refuses what is no key by its form, row %#: no other strategy stands in for it',
    (key) => {
      const session = cookieToken({ name: 'session', origins: ['https://app.example.com'] })
      for (const [, request] of both({ 'x-api-key': key, 'cookie': 'session=of-somebody-else' }))
        for (const find of [apiKey(), firstToken(apiKey(), session)])
          expect(() => find(request)).toThrow('headers.x-api-key: does not fit')
    },
  )

  test('reads another header, in any case', () => {
    expect(apiKey({ header: 'Cf-Access-Jwt-Assertion' })(toNode({ 'CF-Access-JWT-Assertion': 'a.b.c' }))).toBe('a.b.c')
  })

  test('finds no method of an object where a header has such a name', () => {
    expect(apiKey({ header: 'constructor' })({ headers: {} })).toBeUndefined()
    expect(apiKey({ header: 'get' })({ headers: { get: 'key' } as never })).toBe('key')
  })

  test.each([
    'X-User-Id',
    'x-forwarded-user',
    'X-Remote-User',
    'Remote-User',
    'X-Auth-Request-Email',
    'X-Authenticated-Userid',
    'X-Consumer-Username',
    'X-MS-CLIENT-PRINCIPAL-NAME',
    'X-Goog-Authenticated-User-Email',
    'Cf-Access-Authenticated-User-Email',
    'X-authentik-username',
    'Remote-Email',
    'Remote-Groups',
    'x-amzn-oidc-identity',
    'x-email',
    'X-Vouch-User',
    'x-hasura-user-id',
    'x-jwt-claim-sub',
    'x-token-claims',
    'x-claims',
    'X-Hasura-Role',
    'iv-user',
    'SM_USER',
    'SMUSER',
    'OIDC_CLAIM_sub',
    'ssl-client-s-dn',
    'user-id',
    'userid',
    'x-account-id',
    'X-MS-CLIENT-PRINCIPAL',
    'Tailscale-User-Login',
    'X-WebAuth-User',
    'X-Credential-Identifier',
    'X-Auth-Request-Preferred-Username',
    'X-Auth-Request-Sid',
    'X-Real-IP',
    'X-Original-URL',
    'Forwarded',
    'Host',
    'Authorization',
    'Cookie',
  ])('refuses %s: no proxy has signed what it says', (header) => {
    expect(() => apiKey({ header })).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }) as Error)
  })

  test.each([
    'Cf-Access-Jwt-Assertion',
    'X-Goog-Iap-Jwt-Assertion',
    'X-Amzn-Oidc-Data',
    'X-Amzn-Oidc-Accesstoken',
    'X-User-Token',
    'X-Account-Key',
    'X-Service-Secret',
    'Api-Key',
    'X-Session',
    'X-Claims-Api-Key',
    'X-Claim-Token',
  ])('reads %s, which carries what can be checked', (header) => {
    expect(apiKey({ header })(toNode({ [header]: 'a.b.c' }))).toBe('a.b.c')
  })

  test('refuses a name that no header has', () => {
    expect(() => apiKey({ header: 'a b' })).toThrow('header: does not fit')
    expect(() => apiKey({ header: 7 as never })).toThrow('header: does not fit')
    expect(() => apiKey({ header: 'a b' })).toThrow('header is the name of a header, such as x-api-key.')
  })
})

describe('firstToken', () => {
  test('takes the first that is there', () => {
    const find = firstToken(bearerToken(), apiKey())
    expect(find(toNode({ 'authorization': 'Bearer a', 'x-api-key': 'b' }))).toBe('a')
    expect(find(toNode({ 'x-api-key': 'b' }))).toBe('b')
    expect(find(toNode({}))).toBeUndefined()
  })

  test('refuses an empty list, and what is no strategy', () => {
    expect(() => firstToken()).toThrow('strategies: missing')
    expect(() => firstToken(bearerToken(), 'x' as never)).toThrow('strategies[1]: not a function')
  })
})
