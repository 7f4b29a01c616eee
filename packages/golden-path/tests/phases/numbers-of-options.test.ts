// Numbers that are none: NaN compares as neither more nor less than a bound, so that nothing would ever be refused.
import { createServer } from 'node:http'
import { liveSessions } from 'user-execution-context'
import { describe, expect, it } from 'vitest'
import { accessTokens } from '../../src/login/access-tokens.ts'
import { passwordHasher } from '../../src/login/password-hasher.ts'
import { ticketOffice } from '../../src/login/ticket-office.ts'
import { openGoldenPath } from '../../src/phases/open-golden-path.ts'
import { hardenHttpServer } from '../../src/server/harden-http-server.ts'

const tokens = {
  issuer: 'https://chat.example.com',
  audience: 'chat',
  secret: { kty: 'oct', alg: 'HS256', k: Buffer.alloc(32, 7).toString('base64url') },
  sessions: liveSessions({ maxProofMs: 86_400_000 }),
  users: {},
} as never
const factories: readonly (readonly [string, (options: object) => unknown, readonly string[]])[] = [
  ['ticketOffice', ticketOffice, ['lifetimeMs', 'maxPerSession']],
  ['passwordHasher', passwordHasher, ['cost', 'maxRunning', 'maxWaiting']],
  [
    'hardenHttpServer',
    (bounds) => hardenHttpServer(createServer(), bounds),
    ['headersTimeMs', 'requestTimeMs', 'checkEveryMs', 'waitingConnectionsPerAddress'],
  ],
  ['accessTokens', (more) => accessTokens(Object.assign({}, tokens, more)), ['lifetimeSeconds', 'sessionSeconds']],
]
const all = factories.flatMap(([what, make, names]) => names.map((name) => ({ what, make, name })))

describe.each(all)('$what, $name', ({ make, name }) => {
  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 3e9, '5', null])('is not %j', (value) => {
    expect(() => make({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_INVALID_OPTIONS',
        issues: [expect.objectContaining({ path: name })],
      }),
    )
  })

  it('is left out as undefined, and may be a number', () => {
    make({ [name]: undefined })
    make({ [name]: 16 })
  })
})

describe.each(all.filter(({ name }) => name !== 'maxWaiting'))('$what, $name', ({ make, name }) => {
  it('is not 0', () => {
    expect(() => make({ [name]: 0 })).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }))
  })
})

describe('passwordHasher, cost', () => {
  it('is a power of two, and the error says so', () => {
    expect(() => passwordHasher({ cost: 1000 })).toThrow(/cost: A power of two/)
  })
})

describe('close of openGoldenPath', () => {
  it.each(['finishMs', 'spreadMs'])('takes no %s that is no time, and stays open', async (name) => {
    const goldenPath = openGoldenPath({ agent: async function* () {} })
    await expect(goldenPath.close({ [name]: Number.NaN })).rejects.toMatchObject({ issues: [{ path: name }] })
    await goldenPath.close()
  })
})
