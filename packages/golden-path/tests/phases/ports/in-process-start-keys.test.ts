import { describe, expect, it } from 'vitest'
import { startKeyStoreContract } from '../../../src/contracts.ts'
import { newRecord } from '../../../src/contracts/log-samples.ts'
import { inProcessStartKeys, parseLimits } from '../../../src/index.ts'

const toKey = (ownerKey: string, digest: string) => ({ ownerKey, digest, inputDigest: 'input' })

describe('inProcessStartKeys keeps the contract of a store of idempotency keys', () => {
  it.each(startKeyStoreContract(() => inProcessStartKeys(parseLimits(), async () => true)))('$name', ({ run }) => run())
})

describe('inProcessStartKeys', () => {
  it('refuses a key beyond the limits, naming which, and forgets none', async () => {
    const store = inProcessStartKeys(parseLimits({ idempotencyKeysPerUser: 1, idempotencyKeys: 2 }), async () => true)
    expect(await store.claim(toKey('a', '1'), newRecord('a'))).toEqual({ state: 'claimed' })
    expect(await store.claim(toKey('a', '2'), newRecord('a'))).toEqual({
      state: 'full',
      limit: 'idempotencyKeysPerUser',
    })
    expect(await store.claim(toKey('b', '3'), newRecord('b'))).toEqual({ state: 'claimed' })
    expect(await store.claim(toKey('c', '4'), newRecord('c'))).toEqual({ state: 'full', limit: 'idempotencyKeys' })
  })
})
