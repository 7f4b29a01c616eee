import { describe, expect, test } from 'vitest'
import { createForUser, deriveChild } from '../../src/context/user-execution-context.ts'
import { runWithContext } from '../../src/scope/ambient-context.ts'
import { toOwnerKey } from '../../src/context/owner-key.ts'
import { assertOwned, own } from '../../src/scope/ownership.ts'
import { catchError, toFaults } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const context = createForUser(newUser('user-1'))
const other = createForUser(newUser('user-2'))

describe('own', () => {
  test('gives back the same resource, and may be repeated for the same user', () => {
    const session = { open: true }
    expect(own(context, session)).toBe(session)
    expect(own(createForUser(newUser('user-1')), session)).toBe(session)
  })

  test("refuses another user's resource and leaves it with its owner", () => {
    const session = own(context, { open: true })
    expect(catchError(() => own(other, session)).code).toBe('ERR_CONTEXT_ISOLATION')
    expect(() => assertOwned(context, session)).not.toThrow()
  })

  test('takes functions too', () => {
    expect(() =>
      assertOwned(
        context,
        own(context, () => 1),
      ),
    ).not.toThrow()
  })

  test.each([[undefined], [null], ['session'], [7]])('refuses what is no object: %j', (resource) => {
    const error = catchError(() => own(context, resource as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ['resource: not an object']])
  })
})

describe('assertOwned', () => {
  test('lets pass the owner, in any run and any child', () => {
    const session = own(context, {})
    for (const same of [context, createForUser(newUser('user-1')), deriveChild(context, 'tool')]) {
      expect(() => assertOwned(same, session)).not.toThrow()
    }
  })

  test.each([
    ['another user', other],
    ['the same id in another tenant', createForUser(newUser('user-1', { tenantId: 't-1' }))],
    ['ids that only look alike when joined', createForUser(newUser('1', { tenantId: 'user' }))],
  ])('refuses %s', (_who, stranger) => {
    expect(catchError(() => assertOwned(stranger, own(context, {}))).code).toBe('ERR_CONTEXT_ISOLATION')
  })

  test.each([[{}], [null], [undefined], ['x']])('refuses what nobody owns: %j', (resource) => {
    const error = catchError(() => assertOwned(context, resource as never))
    expect(error.code).toBe('ERR_CONTEXT_ISOLATION')
    expect(error.message).toContain('Nobody owns this object: call own(context, resource)')
  })

  test('refuses a copy of an owned resource: the tie is to the object', () => {
    const record = own(context, { a: 1 })
    expect(catchError(() => assertOwned(context, { ...record })).code).toBe('ERR_CONTEXT_ISOLATION')
  })

  test('cannot be deceived by a tenant and a user id that run together', () => {
    const joined = createForUser(newUser('b:c', { tenantId: 'a' }))
    const apart = createForUser(newUser('c', { tenantId: 'a:b' }))
    expect(catchError(() => assertOwned(apart, own(joined, {}))).code).toBe('ERR_CONTEXT_ISOLATION')
  })
})

describe('what takes a context here', () => {
  const copies: readonly [string, unknown][] = [
    ['an object with a user id', { userId: 'user-1' }],
    ['a copy', { ...context }],
    ['an object of the same prototype', Object.create(Object.getPrototypeOf(context) as object)],
    ['an object that inherits from it', Object.create(context)],
    ['nothing', undefined],
  ]
  const calls: readonly [string, (value: never) => unknown][] = [
    ['toOwnerKey', (value) => toOwnerKey(value)],
    ['own', (value) => own(value, {})],
    ['assertOwned', (value) => assertOwned(value, own(context, {}))],
  ]
  test.each(calls.flatMap(([name, call]) => copies.map(([what, value]) => [name, what, call, value] as const)))(
    '%s refuses %s before it looks at anything of it',
    (_name, _what, call, value) => {
      expect(catchError(() => call(value as never)).code).toBe('ERR_CONTEXT_NOT_ISSUED')
    },
  )

  test.each([
    ['own', () => own(context, {})],
    ['assertOwned', () => assertOwned(context, {})],
  ])('%s refuses a context that contradicts the ambient one', (_name, call) => {
    expect(catchError(() => runWithContext(other, call)).code).toBe('ERR_CONTEXT_MISMATCH')
  })
})
