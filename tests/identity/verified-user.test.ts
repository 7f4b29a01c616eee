import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { IdentityFacts, VerifiedFacts } from '../../src/identity/identity-facts.ts'
import { identityProvider, isVerifiedUser, vouchForUser } from '../../src/identity/verified-user.ts'
import { copiesOf } from '../copies.ts'
import { catchError, catchRejection, toFaults } from '../errors/catch-error.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const returning =
  (facts: unknown): (() => Promise<unknown>) =>
  async () =>
    identityProvider({ name: 'directory', verify: () => facts as VerifiedFacts })('credentials')

describe('the options of identityProvider', () => {
  const verify = () => undefined
  test.each([
    ['a name that is missing', { verify }, 'Pass { name, verify }'],
    ['what is no function', { name: 'p', verify: 'x' }, 'Pass { name, verify }'],
    ['a registry that is none', { name: 'p', verify, sessions: {} }, 'Pass what liveSessions()'],
    ['a misspelt key', { name: 'p', verify, sesions: 1 }, 'an unknown key is misspelt'],
  ])('say what to do about %s', (_what, options, fix) => {
    const { code, message } = catchError(() => identityProvider(options as never))
    expect(code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(message).toContain(fix)
    if (!fix.startsWith('Pass { name')) expect(message).not.toContain('Pass { name')
  })
})

describe('identityProvider', () => {
  test('gives a sealed, frozen user with the facts of the verifier', async () => {
    const signIn = identityProvider({
      name: 'auth0',
      verify: async (credentials: string) => ({
        userId: `google-oauth2|${credentials}`,
        sessionId: 's-1',
        tenantId: 't-1',
        permissions: ['notes.read', 'notes.read'],
        expiresAtMs: 8e15,
      }),
    })
    const user = await signIn('1234')
    expect(isVerifiedUser(user)).toBe(true)
    expect([user.userId, user.sessionId]).toEqual(['google-oauth2|1234', 's-1'])
    expect({ ...user }).toEqual({
      verificationId: expect.stringMatching(uuid),
      tenantId: 't-1',
      permissions: ['notes.read'],
      expiresAtMs: 8e15,
      identity: { provider: 'auth0', reason: undefined, kind: 'person' },
      actors: [],
    })
    for (const part of [user, user.permissions, user.identity, Object.getPrototypeOf(user)])
      expect(Object.isFrozen(part)).toBe(true)
  })

  test('leaves out what the verifier does not say', async () => {
    const user = await identityProvider({ name: 'directory', verify: () => ({ userId: '1' }) })('x')
    expect(user).toMatchObject({
      userId: '1',
      sessionId: undefined,
      tenantId: undefined,
      permissions: [],
      expiresAtMs: undefined,
    })
  })

  test.each([[undefined], [null]])('refuses when the verifier gives %s', async (facts) => {
    expect((await catchRejection(returning(facts)())).code).toBe('ERR_CONTEXT_IDENTITY_REFUSED')
  })

  test.each([
    ['a bare id', 'user-1', [': not a plain object']],
    ['true', true, [': not a plain object']],
    ['no id', {}, ['userId: missing']],
    [
      'faults everywhere, all at once',
      { userId: ' ', sessionId: 7, tenantId: 'null', permissions: ['a b', 3, ''], expiresAtMs: 'soon', role: 'admin' },
      [
        'role: unknown key',
        'userId: illegal character',
        'sessionId: not a string',
        'tenantId: uninitialised value',
        'expiresAtMs: not a number',
        'permissions[0]: illegal character',
        'permissions[1]: not a string',
        'permissions[2]: empty',
      ],
    ],
    ['permissions that are no list', { userId: 'u1', permissions: 'admin' }, ['permissions: not an array']],
    ['too many permissions', { userId: 'u1', permissions: Array(1001).fill('p') }, ['permissions: too large']],
    ['a permission that is too long', { userId: 'u1', permissions: ['p'.repeat(257)] }, ['permissions[0]: too long']],
    ['an endless expiry', { userId: 'u1', expiresAtMs: Infinity }, ['expiresAtMs: not finite']],
    ['an expiry before the epoch', { userId: 'u1', expiresAtMs: -5 }, ['expiresAtMs: too small']],
  ])('refuses facts that cannot be a user: %s', async (_what, facts, faults) => {
    const error = await catchRejection(returning(facts)())
    expect(error.code).toBe('ERR_CONTEXT_INVALID_IDENTITY')
    expect(toFaults(error)).toEqual(faults)
  })

  test('refuses an identity that has expired already', async () => {
    expect((await catchRejection(returning({ userId: 'u1', expiresAtMs: Date.now() - 1 })())).code).toBe(
      'ERR_CONTEXT_IDENTITY_EXPIRED',
    )
  })

  test.each(['expiresAtMs', 'issuedAtMs'])('says that %s is in seconds, and not that it has expired', async (name) => {
    const seconds = Math.floor(Date.now() / 1000) + 3600
    const error = await catchRejection(returning({ userId: 'u1', [name]: seconds })())
    expect([error.code, toFaults(error)]).toEqual([
      'ERR_CONTEXT_INVALID_IDENTITY',
      [`${name}: seconds, not milliseconds`],
    ])
    expect(error.message).not.toContain(String(seconds))
  })

  test('says what options it needs, where one is missing', () => {
    const error = catchError(() => identityProvider({ verify: () => undefined } as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ['name: missing']])
    expect(error.message).toContain("Pass { name, verify }: a name for the log, such as 'auth0'")
  })

  test('asks no rule of the caller about an identity that has expired', async () => {
    let asked = 0
    const verify = (): VerifiedFacts => ({ userId: 'u1', expiresAtMs: 1 })
    const signIn = identityProvider({ name: 'directory', verify, accept: () => (asked++, true) })
    expect([(await catchRejection(signIn('x'))).code, asked]).toEqual(['ERR_CONTEXT_IDENTITY_EXPIRED', 0])
  })

  test('gives the ids of a real user only', () => {
    const user = vouchForUser('u1', { reason: 'unit test' })
    for (const key of ['userId', 'sessionId', 'namespace'])
      expect(
        catchError(() => Reflect.get(Object.getPrototypeOf(user) as object, key, { ...user }) as unknown).code,
      ).toBe('ERR_CONTEXT_NOT_ISSUED')
    const error = catchError(() => vouchForUser('u1', { reason: 'unit test', namespace: 'a b' }))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_IDENTITY', ['namespace: illegal character']])
  })

  test.each([undefined, null, 0, '', false, 'route', 7, Symbol('none')])(
    'refuses when a verifier or a rule throws %s, which callers take for no error',
    async (thrown) => {
      const fail = (): never => {
        throw thrown
      }
      const refusing = [
        identityProvider({ name: 'odd', verify: fail }),
        identityProvider({ name: 'odd', verify: () => Promise.reject(thrown) }),
        identityProvider({ name: 'odd', verify: () => ({ userId: 'u' }), accept: fail }),
      ]
      for (const signIn of refusing)
        await expect(signIn('x')).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REFUSED', cause: thrown })
    },
  )

  test('rethrows what the verifier throws, unchanged', async () => {
    const failure = new Error('directory is down')
    const signIn = identityProvider({
      name: 'directory',
      verify: () => {
        throw failure
      },
    })
    await expect(signIn('x')).rejects.toBe(failure)
  })

  test('reads each fact once, so that a getter cannot answer twice', async () => {
    const reads: Record<string, number> = {}
    const facts = Object.defineProperties(
      {},
      Object.fromEntries(
        ['userId', 'sessionId', 'tenantId'].map((name) => [
          name,
          {
            enumerable: true,
            get: () => {
              reads[name] = (reads[name] ?? 0) + 1
              return reads[name] === 1 ? 'first' : 'second'
            },
          },
        ]),
      ),
    )
    expect(await returning(facts)()).toMatchObject({ userId: 'first', sessionId: 'first', tenantId: 'first' })
    expect(reads).toEqual({ userId: 1, sessionId: 1, tenantId: 1 })
  })

  test('takes no fact from a polluted Object.prototype', async () => {
    const polluted = Object.prototype as unknown as Record<string, unknown>
    polluted['permissions'] = ['admin']
    try {
      expect(await returning({ userId: 'u1' })()).toMatchObject({ permissions: [] })
    } finally {
      delete polluted['permissions']
    }
  })

  test('lets in what accept() answers true to, also when it takes its time', async () => {
    for (const verdict of [true, Promise.resolve(true)]) {
      const signIn = identityProvider({
        name: 'directory',
        verify: () => ({ userId: 'u1', permissions: ['notes.read'] }),
        accept: () => verdict as boolean,
      })
      expect(await signIn('x')).toMatchObject({ userId: 'u1', permissions: ['notes.read'] })
    }
  })

  test('hands accept() the parsed facts, frozen through and through, so that it can only refuse', async () => {
    let handed: IdentityFacts | undefined
    const signIn = identityProvider({
      name: 'directory',
      verify: () => ({ userId: 'u1', sessionId: 's1', permissions: ['notes.read', 'notes.read'] }),
      accept: (facts) => {
        handed = facts
        const open = facts as unknown as { userId: string; permissions: string[] }
        expect(() => (open.userId = 'admin')).toThrow(TypeError)
        expect(() => open.permissions.push('admin')).toThrow(TypeError)
        expect(() => (open.permissions = ['admin'])).toThrow(TypeError)
        return true
      },
    })
    expect(await signIn('x')).toMatchObject({ userId: 'u1', permissions: ['notes.read'] })
    expect(handed).toEqual({
      userId: 'u1',
      sessionId: 's1',
      tenantId: undefined,
      permissions: ['notes.read'],
      expiresAtMs: undefined,
      issuedAtMs: undefined,
      actors: [],
      origin: undefined,
      kind: 'person',
    })
  })

  test.each(['demo', 'test', 'default', 'mock'])('takes the name %s: a poor id is a fine name', async (name) => {
    const user = await identityProvider({ name, verify: () => ({ userId: 'u1' }) })('x')
    expect(user.identity.provider).toBe(name)
  })

  test.each(['vouched', 'Vouched', 'VOUCHED'])('refuses the name %s, which could hide behind vouching', (name) => {
    const error = catchError(() => identityProvider({ name, verify: () => undefined }))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ['name: reserved']])
  })

  test('lets accept() refuse, and by nothing but true let pass', async () => {
    for (const verdict of [false, undefined, 'yes', 1, Promise.resolve(false)]) {
      const signIn = identityProvider({
        name: 'directory',
        verify: () => ({ userId: 'u1' }),
        accept: () => verdict as boolean,
      })
      const error = await catchRejection(signIn('x'))
      expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_IDENTITY_REFUSED', [': refused by policy']])
    }
    const lenient = identityProvider({ name: 'directory', verify: () => ({ userId: ' ' }), accept: () => true })
    expect((await catchRejection(lenient('x'))).code).toBe('ERR_CONTEXT_INVALID_IDENTITY')
  })

  test('refuses a key that it does not know: a misspelt accept refuses nobody', () => {
    const options: object = { name: 'directory', verify: () => undefined, acept: () => false }
    const error = catchError(() => identityProvider(options as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ['acept: unknown key']])
  })

  test.each([
    ['a name that is no text', { name: 7, verify: () => undefined }, ['name: not a string']],
    [
      'all faults at once',
      { name: '', verify: 'x', accept: 1 },
      ['name: empty', 'verify: not a function', 'accept: not a function'],
    ],
    ['no options', undefined, ['name: missing', 'verify: not a function']],
  ])('refuses options: %s', (_what, options, faults) => {
    const error = catchError(() => identityProvider(options as never))
    expect(error.code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(toFaults(error)).toEqual(faults)
  })
})

describe('vouchForUser', () => {
  test('refuses an end that was given and is undefined: it would have no end', () => {
    const error = catchError(() => vouchForUser('u1', { reason: 'unit test', expiresAtMs: undefined } as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_IDENTITY', ['expiresAtMs: missing']])
  })

  test('gives a sealed user whose identity says who vouched and why', () => {
    const user = vouchForUser('job-7', {
      reason: 'nightly clean-up',
      tenantId: 't-1',
      permissions: ['notes.*'],
      expiresAtMs: 8e15,
    })
    expect(isVerifiedUser(user)).toBe(true)
    expect([user.userId, user.sessionId]).toEqual(['job-7', undefined])
    expect({ ...user }).toEqual({
      verificationId: expect.stringMatching(uuid),
      tenantId: 't-1',
      permissions: ['notes.*'],
      expiresAtMs: 8e15,
      identity: { provider: 'vouched', reason: 'nightly clean-up', kind: 'person' },
      issuedAtMs: expect.any(Number),
      actors: [],
    })
    expect(Object.isFrozen(user.identity)).toBe(true)
  })

  test.each([
    ['no vouching', undefined, ['reason: missing']],
    ['no object', null, [': not a plain object']],
    ['no reason', {}, ['reason: missing']],
    ['an empty reason', { reason: ' \t' }, ['reason: empty']],
    ['a reason that is no text', { reason: 7 }, ['reason: not a string']],
    ['a reason of 201 characters', { reason: 'r'.repeat(201) }, ['reason: too long']],
    [
      'a reason with a line break, which could forge a record',
      { reason: 'x\nuser=admin' },
      ['reason: illegal character'],
    ],
    ['a reason with an invisible character', { reason: 'x\u202ey' }, ['reason: illegal character']],
    ['an unknown key', { reason: 'x', role: 'admin' }, ['role: unknown key']],
    ['a second user', { reason: 'x', userId: 'other' }, ['userId: unknown key']],
  ])('refuses %s', (_what, vouching, faults) => {
    const error = catchError(() => vouchForUser('u1', vouching as never))
    expect(error.code).toBe('ERR_CONTEXT_INVALID_IDENTITY')
    expect(error.message).toContain('Call vouchForUser(userId, { reason })')
    expect(error.message).not.toContain('verify()')
    expect(toFaults(error)).toEqual(faults)
  })

  test('names all faults at once', () => {
    const error = catchError(() => vouchForUser(' ', { reason: '', sessionId: '', permissions: 1 } as never))
    expect(toFaults(error)).toEqual([
      'reason: empty',
      'userId: illegal character',
      'sessionId: empty',
      'permissions: not an array',
    ])
  })
})

describe('VerifiedUser', () => {
  const user = vouchForUser('secret-user', {
    reason: 'unit test',
    sessionId: 'secret-session',
    permissions: ['notes.read'],
  })

  test('prints as one word in every way that logs print', () => {
    for (const text of [JSON.stringify({ user }), inspect(user), inspect({ deep: [user] }), `${user}`]) {
      expect(text).toContain('[VerifiedUser]')
      expect(text).not.toContain('secret')
    }
  })

  test('differs from every other one, also of the same user', () => {
    const again = vouchForUser('secret-user', { reason: 'unit test', sessionId: 'secret-session' })
    expect(again.verificationId).not.toBe(user.verificationId)
    expect(user).not.toEqual(again)
  })

  test.each(copiesOf(user))('is not readable through $name, which prints that it is a copy', ({ copy }) => {
    expect(isVerifiedUser(copy)).toBe(false)
    for (const key of ['userId', 'sessionId'] as const)
      expect(catchError(() => copy[key]).code).toBe('ERR_CONTEXT_NOT_ISSUED')
    for (const text of [JSON.stringify({ copy }), `${copy}`]) expect(text).toContain('[copy of a VerifiedUser]')
    // Node looks through a proxy and prints the real one, which is one word too.
    expect(inspect({ copy })).toContain('VerifiedUser]')
  })
})
