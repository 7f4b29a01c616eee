// A text that opens once is remembered for as long as it opens. Transaction Tokens, Unique Transaction Identifier.
import { describe, expect, test } from 'vitest'
import { completeSealed, inProcessReplayMemory, openSealed, sealContext, type ReplayMemory } from '../src/index.ts'
import { alice, bob, codeOf, contextOf, opening, sealing, utf8 } from './deployment.ts'

const sealOnce = () => sealContext(alice, { ...sealing, once: true })

describe('a text that opens once', () => {
  test('opens once, and never again', async () => {
    const [text, replay] = [await sealOnce(), inProcessReplayMemory()]
    expect(await codeOf(openSealed(text, { ...opening, replay }))).toMatch(/^let in/)
    expect(await codeOf(openSealed(text, { ...opening, replay }))).toBe('ERR_CONTEXT_SEAL_REPLAYED')
  })

  test('opens once of a hundred times at once', async () => {
    const [text, replay] = [await sealOnce(), inProcessReplayMemory()]
    const codes = await Promise.all(Array.from({ length: 100 }, () => codeOf(openSealed(text, { ...opening, replay }))))
    expect(codes.filter((code) => code.startsWith('let in')).length).toBe(1)
    expect(codes.filter((code) => code === 'ERR_CONTEXT_SEAL_REPLAYED').length).toBe(99)
  })

  test('lets a retry of the same job in until it completes', async () => {
    const [text, replay] = [await sealOnce(), inProcessReplayMemory()]
    const attempt = { ...opening, replay, attemptKey: 'job-1' }
    await openSealed(text, attempt)
    const retried = await openSealed(text, attempt)
    expect(await codeOf(openSealed(text, { ...attempt, attemptKey: 'job-2' }))).toBe('ERR_CONTEXT_SEAL_REPLAYED')
    await completeSealed(retried)
    await completeSealed(retried)
    expect(await codeOf(openSealed(text, attempt))).toBe('ERR_CONTEXT_SEAL_REPLAYED')
  })

  test('says what it needs: once and replay stand at both ends or at neither', async () => {
    const replay = inProcessReplayMemory()
    expect(await codeOf(openSealed(await sealOnce(), opening))).toBe('ERR_CONTEXT_SEAL_ONCE_ONE_SIDED')
    const any = await sealContext(alice, sealing)
    expect(await codeOf(openSealed(any, { ...opening, replay }))).toBe('ERR_CONTEXT_SEAL_ONCE_ONE_SIDED')
  })

  test('is not used up by an attempt that is refused for anything else', async () => {
    const expiresAtMs = Date.now() + 60_000
    const context = contextOf('alice', { tenantId: 'acme', expiresAtMs })
    const text = await sealContext(context, { ...sealing, once: true, bind: utf8('job') })
    const replay = inProcessReplayMemory()
    const right = { ...opening, replay, bind: utf8('job') }
    const wrong = [{ bind: utf8('other') }, { owner: bob }, { purpose: 'other' }, { audience: 'other' }]
    for (const more of wrong) expect(await codeOf(openSealed(text, { ...right, ...more }))).toMatch(/^ERR_/)
    expect(await codeOf(openSealed(text, right))).toMatch(/^let in/)
  })

  test.each([['used'], ['full'], [undefined], [true], ['CLAIMED']])(
    'stays shut when the memory answers %s',
    async (answer) => {
      const replay = { claim: () => answer, complete: () => {} } as unknown as ReplayMemory
      const code = answer === 'full' ? 'ERR_CONTEXT_SEAL_REPLAY_FULL' : 'ERR_CONTEXT_SEAL_REPLAYED'
      expect(await codeOf(openSealed(await sealOnce(), { ...opening, replay }))).toBe(code)
    },
  )

  test('stays shut when the memory cannot be asked', async () => {
    const replay: ReplayMemory = { claim: () => Promise.reject(new Error('unreachable')), complete: () => {} }
    await expect(openSealed(await sealOnce(), { ...opening, replay })).rejects.toThrow('unreachable')
  })

  test('tells the memory when it ends, so that it is remembered as long as it opens', async () => {
    const ends: number[] = []
    const replay: ReplayMemory = { claim: (_text, _attempt, untilMs) => (ends.push(untilMs), 'claimed'), complete() {} }
    const beforeMs = Date.now()
    await openSealed(await sealOnce(), { ...opening, replay })
    expect(ends[0]).toBeGreaterThanOrEqual(beforeMs + sealing.ttlMs)
  })
})

describe('completeSealed', () => {
  test('refuses a context that no text of one use gave, and what is no context', async () => {
    const opened = await openSealed(await sealContext(alice, sealing), opening)
    for (const context of [opened, alice])
      expect(await codeOf(completeSealed(context))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    expect(await codeOf(completeSealed({ ...alice } as never))).toBe('ERR_CONTEXT_NOT_ISSUED')
  })
})
