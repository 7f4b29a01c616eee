import { describe, expect, test } from 'vitest'
import { hardenHttpServer, openGoldenPathServer, type GoldenPathServerOptions } from '../../src/server.ts'
import { jwtIdentity, type JwtIdentityOptions } from '../../src/login.ts'
import { parseLimits } from '../../src/index.ts'

const messageOf = async (call: () => unknown): Promise<string> => {
  try {
    await call()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
const issuer: JwtIdentityOptions = {
  issuer: 'https://login.example.com',
  audience: 'notes',
  algorithms: ['ES256'],
  jwksUrl: 'https://login.example.com/jwks.json',
}
const jwt = (changes: object) => (): unknown => jwtIdentity({ ...issuer, ...changes })
const server = (changes: object) => (): unknown =>
  openGoldenPathServer({ agent: async function* () {}, dataDirectory: 'canary', ...changes } as GoldenPathServerOptions)

describe('options that cannot be used', () => {
  test.each([
    ['a prefix', server({ prefix: 'canary' }), 'prefix: A path such as /agent'],
    ['a level of the log', server({ logLevel: 'canary' }), 'logLevel: One of debug, info, warn, error.'],
    ['an origin', server({ origins: ['https://canary.example.com/'] }), 'origins: Scheme, host and port'],
    ['an algorithm', jwt({ algorithms: ['canary'] }), 'algorithms: Of HS256, EdDSA, Ed25519, RS256'],
    ['a use of tokens', jwt({ tokenUses: ['canary'] }), 'tokenUses: Of access, id, refresh.'],
    ['the address of keys', jwt({ jwksUrl: 'canary' }), 'jwksUrl: The address of a key set'],
    ['two sources of keys', jwt({ discovery: true }), 'exactly one of keys, jwksUrl, discovery: Leave out the others'],
    ['a key of another kind', jwt({ jwksUrl: undefined, keys: [{ kty: 'RSA', alg: 'ES256' }] }), 'keys: Public keys'],
    ['one issuer twice', () => jwtIdentity([issuer, issuer]), 'issuer: Each issuer once'],
    [
      'a part of one of two issuers',
      () => jwtIdentity([issuer, { ...issuer, issuer: 'https://b.example.com', services: 1 as never }]),
      'services: true, or left out',
    ],
    [
      'a size that excludes another',
      () => parseLimits({ eventBytes: 100_000_000 }),
      'limits.eventBytes: At most limits.bufferedBytesPerConnection',
    ],
    ['what is no server', () => hardenHttpServer({} as never), 'server: What createServer()'],
  ])('are refused with the rule of %s, and without what was given', async (_what, call, rule) => {
    const message = await messageOf(call)
    expect(message).toContain(rule)
    expect(message).not.toContain('canary')
  })

  test('are refused with the fix of the table where the kind says it all', async () => {
    expect(await messageOf(jwt({ audience: '' }))).toContain(
      'The docstring of the function states form, units and range.',
    )
  })
})
