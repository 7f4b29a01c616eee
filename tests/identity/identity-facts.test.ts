import { describe, expect, test } from 'vitest'
import { parseIdentityFacts } from '../../src/identity/identity-facts.ts'
import { catchError, toFaults } from '../errors/catch-error.ts'

const origin = { requestId: 'r-1', depth: 0, provider: 'oidc' }
const parse = (facts: object) => parseIdentityFacts({ userId: 'u1', ...facts })

describe('parseIdentityFacts', () => {
  test('freezes the actors with their prototype, and the origin', () => {
    const facts = parse({ actors: [{ name: 'planner', kind: 'agent' }], origin })
    const [actor] = facts.actors
    for (const part of [facts.actors, actor, Object.getPrototypeOf(actor), facts.origin])
      expect(Object.isFrozen(part)).toBe(true)
  })

  test('takes the exemption of a hop, frozen, and refuses one of another form', () => {
    const { outlives } = parse({ outlives: { reason: 'nightly report', untilMs: 7 } })
    expect([outlives, Object.isFrozen(outlives)]).toEqual([{ reason: 'nightly report', untilMs: 7 }, true])
    for (const [wrong, fault] of [
      ['nightly report', 'outlives: not a plain object'],
      [{ reason: ' ', untilMs: 7 }, 'outlives.reason: empty'],
      [{ reason: 'a', untilMs: Infinity }, 'outlives.untilMs: not a number'],
      [{ reason: 'a', untilMs: 7, forever: true }, 'outlives.forever: unknown key'],
    ] as const)
      expect(toFaults(catchError(() => parse({ outlives: wrong })))).toEqual([fault])
  })

  test('names each permission once, however many there are', () => {
    const names = Array.from({ length: 40 }, (_, index) => `right-${index % 20}`)
    expect(parse({ permissions: names }).permissions).toEqual(names.slice(0, 20))
    expect(parse({ permissions: ['a', 'b', 'a'] }).permissions).toEqual(['a', 'b'])
  })

  test('reads the length of a list once, so that it cannot grow meanwhile', () => {
    let reads = 0
    const growing = new Proxy<string[]>([], {
      get: (_list, key) => (key === 'length' ? Math.min(2 + reads++, 50) : `right-${String(key)}`),
    })
    expect([parse({ permissions: growing }).permissions, reads]).toEqual([['right-0', 'right-1'], 1])
  })

  test.each([
    [{ origin: { ...origin, requestId: 'a\nb' } }, ['origin.requestId: illegal character']],
    [{ origin: { ...origin, requestId: undefined } }, ['origin.requestId: missing']],
    [{ origin: { ...origin, provider: 'a\nb' } }, ['origin.provider: illegal character']],
    [{ origin: { ...origin, depth: 0.5 } }, ['origin.depth: does not fit']],
  ])('refuses %j', (facts, faults) => {
    const error = catchError(() => parse(facts))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_IDENTITY', faults])
  })

  test.each(['actors', 'origin'])('refuses %s whose own code fails, and keeps the cause', (key) => {
    const failure = new Error('getter')
    const live = {
      get name(): string {
        throw failure
      },
      get requestId(): string {
        throw failure
      },
    }
    const error = catchError(() => parse({ [key]: key === 'actors' ? [live] : live }))
    expect([error.code, toFaults(error), error.cause]).toEqual([
      'ERR_CONTEXT_INVALID_IDENTITY',
      [`${key}: live object`],
      failure,
    ])
  })

  test('takes no part of an origin from a polluted Object.prototype', () => {
    try {
      Object.assign(Object.prototype, { provider: 'polluted' })
      const error = catchError(() => parse({ origin: { requestId: 'r-1', depth: 0 } }))
      expect(toFaults(error)).toEqual(['origin.provider: missing'])
    } finally {
      delete (Object.prototype as { provider?: unknown }).provider
    }
  })
})
