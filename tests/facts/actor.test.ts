import { describe, expect, test } from 'vitest'
import type { Issue } from '../../src/errors/issue.ts'
import { isChainOver, isSameChain, readDeclaredActor, parseActors, type Actor } from '../../src/facts/actor.ts'

const chain = (...actors: readonly object[]): readonly Actor[] => parseActors(actors, 'actors', [])
const planner = { name: 'planner', kind: 'agent' }
const searcher = { name: 'searcher', kind: 'service' }

describe('isSameChain', () => {
  test('is true for the same actors in the same order', () => {
    expect(isSameChain(chain(planner, searcher), chain(planner, searcher))).toBe(true)
    expect(isChainOver(chain(searcher, planner), chain(planner))).toBe(true)
  })

  test.each([
    ['another name', { ...planner, name: 'other' }],
    ['another kind', { ...planner, kind: 'service' }],
    ['another source', { ...planner, source: 'declared' }],
  ])('is false for an actor with %s', (_what, other) => {
    expect(isSameChain(chain(planner), chain(other))).toBe(false)
    expect(isChainOver(chain(searcher, other), chain(planner))).toBe(false)
  })

  test('is false for one more, one fewer, or another order', () => {
    for (const other of [chain(), chain(planner, searcher, planner), chain(searcher, planner)])
      expect([isSameChain(chain(planner, searcher), other), isSameChain(other, chain(planner, searcher))]).toEqual([
        false,
        false,
      ])
  })
})

describe('readDeclaredActor', () => {
  test('takes nothing from a polluted Object.prototype', () => {
    const issues: Issue[] = []
    try {
      Object.assign(Object.prototype, { kind: 'person', source: 'verified' })
      expect(readDeclaredActor({ name: 'planner' }, 'actor', issues)).toBeUndefined()
    } finally {
      for (const name of ['kind', 'source']) delete (Object.prototype as Record<string, unknown>)[name]
    }
    expect(issues).toEqual([{ path: 'actor.kind', kind: 'missing' }])
  })
})
