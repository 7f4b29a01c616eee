import { describe, expect, test } from 'vitest'
import { putOffAgain, toAskTogether } from '../../src/engine/ask-together.ts'
import type { CheckedType } from '../../src/engine/checker.ts'
import { remembered } from '../../src/scan/remembered.ts'

const width = 10
const depths = 4
/** Each level leads to every type of the next one, as the entities of an ORM lead to each other. */
const toType = (id: number): CheckedType => ({ id, sort: 'object' }) as CheckedType

/** Begins the next round of questions. */
const askOn = (): void => {
  const client = { apiRequest: () => undefined, channel: {} }
  toAskTogether({ client } as never, 'linux')([1], () => undefined)
}

describe('remembered', () => {
  /** How often a type is looked into when the first one is asked about. */
  const openGraph = (isAnswered: () => boolean) => {
    let looks = 0
    const look = remembered<string | undefined>(undefined, (_, depth): string | undefined => {
      looks++
      if (depth === depths) {
        if (!isAnswered()) putOffAgain()
        return 'found'
      }
      let found: string | undefined
      for (let id = 0; id < width; id++) found = look(toType(id), depth + 1)
      return found
    })
    return { look: () => look(toType(0)), looks: () => looks }
  }

  test('looks into a type once in a round, on however many ways it is reached', () => {
    const { look, looks } = openGraph(() => false)
    look()
    expect(looks()).toBeLessThanOrEqual(1 + width * depths)
  })

  test('looks again in the next round, and keeps what it then knows', () => {
    let isAnswered = false
    const { look, looks } = openGraph(() => isAnswered)
    look()
    const first = looks()
    askOn()
    isAnswered = true
    expect(look()).toBe('found')
    expect(looks()).toBe(2 * first)
    askOn()
    expect(look()).toBe('found')
    expect(looks()).toBe(2 * first)
  })

  test('throws again in a round what stopped it, and counts what needs it as not known', () => {
    const stop = new Error('put off')
    let looks = 0
    const look = remembered<string | undefined>(undefined, () => {
      looks++
      putOffAgain()
      throw stop
    })
    const outer = remembered<string | undefined>(undefined, (type) => {
      try {
        return look(type)
      } catch {
        return 'early'
      }
    })
    expect(() => look(toType(1))).toThrow(stop)
    expect(() => look(toType(1))).toThrow(stop)
    expect(looks).toBe(1)
    expect(outer(toType(1))).toBe('early')
    askOn()
    outer(toType(1))
    // An answer that was found while another waits is not kept.
    expect(looks).toBe(2)
  })
})
