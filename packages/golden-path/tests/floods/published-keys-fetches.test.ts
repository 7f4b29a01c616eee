// When the keys of an issuer are fetched again for a token of a key that is not known, without HTTP around it.
import { setTimeout as pause } from 'node:timers/promises'
import { errors, exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { publishedKeys } from '../../src/login/published-keys.ts'

let jwk: object
let published: string[]
let skippedMs: number
/** When each fetch began, on a clock that nobody skips. */
let startsMs: number[]
let slow: Promise<unknown> | undefined
let isDown: boolean
const unavailable = { code: 'ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE' }
const realNow = performance.now.bind(performance)

beforeAll(async () => {
  const { publicKey } = await generateKeyPair('ES256')
  jwk = { ...(await exportJWK(publicKey)), alg: 'ES256' }
})
beforeEach(() => {
  published = ['one']
  skippedMs = 0
  startsMs = []
  slow = undefined
  isDown = false
  vi.spyOn(performance, 'now').mockImplementation(() => realNow() + skippedMs)
})
afterEach(() => void vi.restoreAllMocks())

const open = (): ((kid: string) => Promise<unknown>) => {
  const keys = publishedKeys(async () => {
    startsMs.push(realNow())
    if (isDown) throw new Error('down')
    const answer = { keys: published.map((kid) => ({ ...jwk, kid })) } as JSONWebKeySet
    await slow
    return answer
  })
  return (kid) => keys.find({ alg: 'ES256', kid }, { payload: '', signature: '' })
}
const gapMs = (index: number): number => startsMs[index + 1]! - startsMs[index]!
/** Two fetches that bring nothing new: the next gap is four times the first. */
const widenGap = async (find: (kid: string) => Promise<unknown>): Promise<void> => {
  await find('one')
  for (const kid of ['made-up-1', 'made-up-2']) await expect(find(kid)).rejects.toThrow(errors.JWKSNoMatchingKey)
  expect(startsMs).toHaveLength(3)
}

describe('publishedKeys', () => {
  test('fetches once more after a fetch under way, which may have begun before the key was there', async () => {
    const find = open()
    await find('one')
    slow = pause(1_500)
    skippedMs = 301_000
    // Old enough to be fetched again, while it serves.
    await find('one')
    expect(startsMs).toHaveLength(2)
    published = ['one', 'two']
    await expect(find('two')).resolves.toBeDefined()
    expect(startsMs).toHaveLength(3)
  })

  test('is as quick as at first after a time in which nobody asked for a key that is not there', async () => {
    const find = open()
    await widenGap(find)
    skippedMs = 60_000
    await expect(find('made-up-3')).rejects.toThrow()
    await expect(find('made-up-4')).rejects.toThrow()
    expect(gapMs(2)).toBeLessThan(gapMs(0))
    // Twice the shortest, as after the first fetch of all.
    expect(gapMs(3)).toBeLessThan(gapMs(1) * 1.5)
  })

  test('is as quick as at first after a fetch that brought a new key', async () => {
    const find = open()
    await widenGap(find)
    published = ['one', 'two']
    // Longer than the gap, and not so long that it begins anew by itself.
    skippedMs = 5_000
    await find('two')
    await expect(find('made-up-3')).rejects.toThrow()
    expect(gapMs(3)).toBeLessThan(gapMs(1) * 0.75)
  })

  test('never waits longer than five times the shortest gap', async () => {
    const find = open()
    await widenGap(find)
    skippedMs = 5_000
    await expect(find('made-up-3')).rejects.toThrow()
    await expect(find('made-up-4')).rejects.toThrow()
    expect(gapMs(3)).toBeGreaterThan(gapMs(0) * 4)
    expect(gapMs(3)).toBeLessThan(gapMs(0) * 6)
  })

  test('lets tokens wait again when those that waited have been answered', async () => {
    const find = open()
    await find('one')
    const tooMany = await Promise.allSettled(Array.from({ length: 4_097 }, () => find('made-up')))
    const kinds = tooMany.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { code: string }).code)
    expect(kinds.filter((code) => code === 'ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE')).toHaveLength(1)
    published = ['one', 'two']
    await expect(find('two')).resolves.toBeDefined()
  })

  test('asks once for all that ask at once, also before it has any keys', async () => {
    const find = open()
    await Promise.all([find('one'), find('one'), find('one')])
    expect(startsMs).toHaveLength(1)
  })

  test('asks no second time for a token that has waited for the first keys, which do not have its key', async () => {
    const find = open()
    await expect(find('made-up')).rejects.toThrow(errors.JWKSNoMatchingKey)
    expect(startsMs).toHaveLength(1)
  })

  test('leaves an issuer that has failed alone for a while, also before it has any keys', async () => {
    isDown = true
    const find = open()
    await expect(find('one')).rejects.toThrow('down')
    for (let count = 0; count < 3; count++) await expect(find('one')).rejects.toMatchObject(unavailable)
    expect(startsMs).toHaveLength(1)
    isDown = false
    skippedMs = 60_000
    await expect(find('one')).resolves.toBeDefined()
  })

  test('keeps no token of an unknown key waiting for an issuer that has failed a moment ago', async () => {
    const find = open()
    await find('one')
    isDown = true
    await expect(find('two')).rejects.toThrow('down')
    const askedAtMs = realNow()
    await expect(find('two')).rejects.toMatchObject(unavailable)
    expect(realNow() - askedAtMs).toBeLessThan(gapMs(0) / 2)
    expect(startsMs).toHaveLength(2)
  })
})
