/**
 * What every store of idempotency keys must do, as cases that any test runner can run.
 */
import { deepEqual, equal } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { RunRecord } from '../phases/ports/event-log.ts'
import type { StartKey, StartKeyStore } from '../phases/ports/start-key-store.ts'
import type { ContractCase } from './contract-case.ts'
import { newOwner, newRecord } from './log-samples.ts'

const newDigest = (): string => randomBytes(32).toString('base64')
const newKey = (ownerKey = newOwner()): StartKey => ({ ownerKey, digest: newDigest(), inputDigest: newDigest() })

/**
 * The cases for a store of idempotency keys.
 *
 * @param openStore - Gives a store. It may have keys of others: each case makes keys of its own.
 * @example
 * ```ts
 * import { defaultLimits, inProcessStartKeys } from '@user-execution-context/golden-path'
 * import { startKeyStoreContract } from '@user-execution-context/golden-path/contracts'
 *
 * for (const { run } of startKeyStoreContract(() => inProcessStartKeys(defaultLimits, async () => true))) await run()
 * ```
 */
export const startKeyStoreContract = (
  openStore: () => StartKeyStore | Promise<StartKeyStore>,
): readonly ContractCase[] => {
  const newCase = (
    name: string,
    check: (store: StartKeyStore, key: StartKey, run: RunRecord) => Promise<void>,
  ): ContractCase => ({
    name,
    run: async () => {
      const key = newKey()
      await check(await openStore(), key, newRecord(key.ownerKey))
    },
  })
  return [
    newCase('lets the first start of a key go ahead', async (store, key, run) => {
      deepEqual(await store.claim(key, run), { state: 'claimed' })
    }),
    newCase('gives the run of a start that went ahead, however often the key comes', async (store, key, run) => {
      await store.claim(key, run)
      await store.confirm(key, run)
      for (let times = 0; times < 3; times++)
        deepEqual(await store.claim(key, newRecord(key.ownerKey)), { state: 'started', run })
    }),
    newCase('refuses the same key with another input', async (store, key, run) => {
      await store.claim(key, run)
      await store.confirm(key, run)
      const other = { ...key, inputDigest: newDigest() }
      deepEqual(await store.claim(other, newRecord(key.ownerKey)), { state: 'reused' })
    }),
    newCase('keeps other keys and other users apart', async (store, key, run) => {
      await store.claim(key, run)
      await store.confirm(key, run)
      for (const other of [newKey(key.ownerKey), { ...newKey(), inputDigest: key.inputDigest }])
        deepEqual(await store.claim(other, newRecord(other.ownerKey)), { state: 'claimed' })
    }),
    newCase('forgets a start that was refused', async (store, key, run) => {
      await store.claim(key, run)
      await store.release(key, run)
      const next = newRecord(key.ownerKey)
      deepEqual(await store.claim({ ...key, inputDigest: newDigest() }, next), { state: 'claimed' })
    }),
    newCase('forgets nothing for a run that did not claim the key', async (store, key, run) => {
      await store.claim(key, run)
      await store.release(key, newRecord(key.ownerKey))
      await store.confirm(key, run)
      await store.release(key, run)
      deepEqual(await store.claim(key, newRecord(key.ownerKey)), { state: 'started', run })
    }),
    newCase(
      'lets one of many starts at the same time go ahead, and gives its run to the others',
      async (store, key) => {
        let claimed = 0
        const starts = Array.from({ length: 20 }, async () => {
          const record = newRecord(key.ownerKey)
          const claim = await store.claim(key, record)
          if (claim.state === 'started') return claim.run.runId
          equal(claim.state, 'claimed')
          claimed++
          await new Promise((resolve) => setTimeout(resolve, 20))
          await store.confirm(key, record)
          return record.runId
        })
        equal(new Set(await Promise.all(starts)).size, 1)
        equal(claimed, 1)
      },
    ),
    newCase('lets the next go ahead when the first of many is refused', async (store, key, run) => {
      await store.claim(key, run)
      const next = newRecord(key.ownerKey)
      const waiting = store.claim(key, next)
      await store.release(key, run)
      deepEqual(await waiting, { state: 'claimed' })
      await store.confirm(key, next)
      deepEqual(await store.claim(key, run), { state: 'started', run: next })
    }),
  ]
}
