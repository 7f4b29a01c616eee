import { describe, expect, test } from 'vitest'
import { toOwnerDigest, toOwnerKey } from '../../src/context/owner-key.ts'
import { createForUser, deriveChild } from '../../src/context/user-execution-context.ts'
import { identityProvider } from '../../src/identity/verified-user.ts'
import { toLogFields } from '../../src/context/to-log-fields.ts'
import { assertOwned, own } from '../../src/scope/ownership.ts'
import { runWithContext } from '../../src/scope/ambient-context.ts'
import { requireContext } from '../../src/scope/require-context.ts'
import { catchError, toFaults } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const run = { threadId: 'thread-1', runId: 'run-1' } as never
const facts = { userId: '1001', sessionId: 's-1', tenantId: 't-1' }
/** Subject 1001, session s-1, of one issuer. */
const of = async (namespace: string | undefined, name = 'oidc') =>
  createForUser(await identityProvider({ name, namespace, verify: () => facts })('x'), run)

describe('a subject of two issuers', () => {
  test('is two owners, two pseudonyms, two digests', async () => {
    const [ours, partners] = [await of('https://id.example.com'), await of('https://partner.example')]
    expect([ours.namespace, partners.namespace]).toEqual(['https://id.example.com', 'https://partner.example'])
    expect(toOwnerKey(ours)).not.toBe(toOwnerKey(partners))
    expect(toOwnerDigest(ours, 'cache')).not.toBe(toOwnerDigest(partners, 'cache'))
    expect(toLogFields(ours).userHash).not.toBe(toLogFields(partners).userHash)
  })

  test('owns nothing of the other', async () => {
    const [ours, partners] = [await of('https://id.example.com'), await of('https://partner.example')]
    const notes = own(ours, new Map())
    expect(catchError(() => assertOwned(partners, notes)).code).toBe('ERR_CONTEXT_ISOLATION')
    expect(catchError(() => own(partners, notes)).code).toBe('ERR_CONTEXT_ISOLATION')
  })

  test('contradicts the ambient context of the other, in the same thread and run', async () => {
    const [ours, partners] = [await of('https://id.example.com'), await of('https://partner.example')]
    expect(catchError(() => runWithContext(ours, () => requireContext(partners))).code).toBe('ERR_CONTEXT_MISMATCH')
  })

  test('is one owner when both providers name one namespace', async () => {
    expect(toOwnerKey(await of('users', 'oidc'))).toBe(toOwnerKey(await of('users', 'password')))
  })

  test('is kept apart by the names of the providers when they name no namespace', async () => {
    const [one, other] = [await of(undefined, 'auth0'), await of(undefined, 'okta')]
    expect([one.namespace, other.namespace]).toEqual(['auth0', 'okta'])
    expect(toOwnerKey(one)).not.toBe(toOwnerKey(other))
  })
})

describe('toOwnerKey', () => {
  test('is the same for every run, session and child of the user', () => {
    const context = createForUser(newUser('user-1', { sessionId: 's-1' }))
    const again = createForUser(newUser('user-1', { sessionId: 's-2', permissions: ['a'] }))
    expect(new Set([context, again, deriveChild(context, 'tool')].map(toOwnerKey)).size).toBe(1)
  })

  test('keeps apart what runs together', () => {
    const owners = [
      newUser('b:c', { tenantId: 'a' }),
      newUser('c', { tenantId: 'a:b' }),
      newUser('c', { tenantId: 'b', namespace: 'vouched:a' }),
      newUser('a:b:c'),
      newUser('b', { namespace: 'a' }),
      newUser('b', { tenantId: 'a' }),
      newUser('a:b'),
    ].map((user) => toOwnerKey(createForUser(user)))
    expect(new Set(owners).size).toBe(owners.length)
  })

  test.each([[{ userId: 'victim', namespace: 'vouched', tenantId: undefined }], ['victim'], [undefined]])(
    'makes no key out of %j',
    (victim) => {
      expect(catchError(() => toOwnerKey(victim as never)).code).toBe('ERR_CONTEXT_NOT_ISSUED')
      expect(catchError(() => toOwnerDigest(victim as never, 'cache')).code).toBe('ERR_CONTEXT_NOT_ISSUED')
    },
  )
})

describe('toOwnerDigest', () => {
  const context = createForUser(newUser('user-1'))

  test('says nothing of the user, and differs from purpose to purpose', () => {
    expect(toOwnerDigest(context, 'cache')).toMatch(/^[0-9a-f]{64}$/)
    expect(toOwnerDigest(context, 'cache')).toBe(toOwnerDigest(createForUser(newUser('user-1')), 'cache'))
    expect(toOwnerDigest(context, 'cache')).not.toBe(toOwnerDigest(context, 'channels'))
    expect(toOwnerDigest(context, 'test')).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each([
    [undefined, 'missing'],
    ['', 'empty'],
    ['a b', 'illegal character'],
  ])('refuses the purpose %j', (purpose, kind) => {
    const error = catchError(() => toOwnerDigest(context, purpose as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', [`purpose: ${kind}`]])
  })
})
