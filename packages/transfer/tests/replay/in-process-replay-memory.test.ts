import { describe, expect, test, vi } from 'vitest'
import { replayMemoryContract } from '../../src/contracts.ts'
import { inProcessReplayMemory, type ReplayMemory } from '../../src/index.ts'
import { codeOf } from '../deployment.ts'

describe('inProcessReplayMemory', () => {
  test.each(replayMemoryContract(() => inProcessReplayMemory()))('$name', ({ run }) => run())

  test('refuses when it is full, and forgets what has ended, never what has not', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const memory = inProcessReplayMemory({ maxTexts: 2 })
    const startMs = Date.now()
    expect(memory.claim('a', 'job', startMs + 5000)).toBe('claimed')
    expect(memory.claim('b', 'job', startMs + 60_000)).toBe('claimed')
    expect(memory.claim('c', 'job', startMs + 60_000)).toBe('full')
    expect(memory.claim('a', 'job', startMs + 5000)).toBe('claimed')
    vi.setSystemTime(startMs + 5000)
    expect(memory.claim('c', 'job', startMs + 60_000)).toBe('claimed')
    expect(memory.claim('b', 'other', startMs + 60_000)).toBe('used')
    expect(memory.claim('d', 'job', startMs + 60_000)).toBe('full')
    vi.useRealTimers()
  })

  test.each([[0], [-1], [1.5], [Number.NaN], ['10'], [10_000_001], [null]])(
    'refuses maxTexts: %s',
    async (maxTexts) => {
      expect(await codeOf(() => inProcessReplayMemory({ maxTexts } as never))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    },
  )
})

describe('replayMemoryContract', () => {
  const usual = (): ReplayMemory => inProcessReplayMemory()
  const faulty: Readonly<Record<string, () => ReplayMemory>> = {
    'lets everybody in': () => ({ claim: () => 'claimed', complete() {} }),
    'lets nobody in': () => ({ claim: () => 'used', complete() {} }),
    'completes nothing': () => ({ ...usual(), complete() {} }),
    'completes for anybody': () => {
      const memory = usual()
      const owners = new Map<string, string>()
      return {
        claim: (textId, attemptKey, untilMs) => {
          if (!owners.has(textId)) owners.set(textId, attemptKey)
          return memory.claim(textId, attemptKey, untilMs)
        },
        complete: (textId) => memory.complete(textId, owners.get(textId) ?? ''),
      }
    },
    'asks and answers in two steps': () => {
      const memory = usual()
      const known = new Set<string>()
      return {
        claim: async (textId, attemptKey, untilMs) => {
          if (known.has(textId)) return memory.claim(textId, attemptKey, untilMs)
          await new Promise((resolve) => setImmediate(resolve))
          known.add(textId)
          return 'claimed'
        },
        complete: memory.complete,
      }
    },
    'joins ids by a colon': () => {
      const pairs = new Set<string>()
      return {
        claim: (textId, attemptKey) => {
          const pair = `${textId}:${attemptKey}`
          return pairs.has(pair) ? 'used' : (pairs.add(pair), 'claimed')
        },
        complete() {},
      }
    },
    'evicts the oldest': () => {
      let memory = inProcessReplayMemory()
      let count = 0
      return {
        claim: (textId, attemptKey, untilMs) => {
          if (++count % 10 === 0) memory = inProcessReplayMemory()
          return memory.claim(textId, attemptKey, untilMs)
        },
        complete: (textId, attemptKey) => memory.complete(textId, attemptKey),
      }
    },
  }

  test.each(Object.entries(faulty))('finds a memory that %s', async (_fault, openMemory) => {
    const outcomes = await Promise.allSettled(replayMemoryContract(openMemory).map(({ run }) => run()))
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true)
  })
})
