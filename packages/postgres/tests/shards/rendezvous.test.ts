import { describe, expect, it } from 'vitest'
import { toHighestWeight } from '../../src/shards/rendezvous.ts'

const owners = Array.from({ length: 3_000 }, (_, index) => `issuer:user-${index}`)

describe('toHighestWeight', () => {
  it('gives the same name in whatever order the names come', () => {
    for (const owner of owners.slice(0, 200))
      expect(toHighestWeight(['a', 'b', 'c'], owner)).toBe(toHighestWeight(['c', 'a', 'b'], owner))
  })

  it('gives what it gave before: owners are at home by it', () => {
    expect(
      owners
        .slice(0, 8)
        .map((owner) => toHighestWeight(['a', 'b'], owner))
        .join(''),
    ).toBe('abbbbabb')
  })

  it('spreads owners over the names', () => {
    for (const name of ['a', 'b', 'c']) {
      const share = owners.filter((owner) => toHighestWeight(['a', 'b', 'c'], owner) === name).length / owners.length
      expect(share).toBeGreaterThan(0.3)
      expect(share).toBeLessThan(0.37)
    }
  })

  it('takes owners for a name that is added from each of the others, and moves none between them', () => {
    const moved = owners.filter(
      (owner) => toHighestWeight(['a', 'b'], owner) !== toHighestWeight(['a', 'b', 'c'], owner),
    )
    expect(moved.every((owner) => toHighestWeight(['a', 'b', 'c'], owner) === 'c')).toBe(true)
    expect(moved.length / owners.length).toBeLessThan(0.37)
  })
})
