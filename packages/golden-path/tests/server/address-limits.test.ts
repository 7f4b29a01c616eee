import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { addressLimits } from '../../src/server/address-limits.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('addressLimits', () => {
  test('gives an address so many places and no more, and another address its own', () => {
    const limits = addressLimits(2)
    limits.take('192.0.2.1')
    limits.take('192.0.2.1')
    expect(() => limits.take('192.0.2.1')).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_TOO_MANY_CONNECTIONS',
        issues: [{ path: 'limits.connectionsPerAddress', kind: 'too large' }],
      }),
    )
    expect(limits.take('192.0.2.2')).toMatchObject({ held: 1 })
  })

  test('gives a place that was given back to the next one, and counts those that are left', () => {
    const limits = addressLimits(2)
    const places = limits.take('192.0.2.1')
    limits.take('192.0.2.1')
    limits.giveBack(places)
    limits.take('192.0.2.1')
    expect(() => limits.take('192.0.2.1')).toThrow()
  })

  test('refuses without counting what it refused', () => {
    const limits = addressLimits(1)
    const places = limits.take('192.0.2.1')
    for (let attempt = 0; attempt < 3; attempt++) expect(() => limits.take('192.0.2.1')).toThrow()
    limits.giveBack(places)
    expect(() => limits.take('192.0.2.1')).not.toThrow()
  })

  test('keeps nothing of an address that holds nothing: there are more addresses than memory', async () => {
    const limits = addressLimits(2)
    const held = ((): WeakRef<object> => {
      const places = limits.take('192.0.2.1')
      limits.giveBack(places)
      return new WeakRef(places)
    })()
    await expect
      .poll(() => {
        collectGarbage()
        return held.deref() === undefined
      })
      .toBe(true)
    expect(() => limits.take('192.0.2.1')).not.toThrow()
  })
})
