import type { RevocationListener, RevocationStore, Tombstone } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import type { RevocationNode } from '../../src/contracts/revocation-samples.ts'
import { revocationStoreContract } from '../../src/contracts/revocation-store-contract.ts'

type Planted = {
  /** Tells a process that was cut off of what comes from then on, and not of what it missed. */
  readonly forgetsWhatWasMissed?: boolean
  /** Says that it is heard before it has told what was missed. */
  readonly isHeardTooEarly?: boolean
  readonly takesTheLast?: boolean
  readonly losesTheReason?: boolean
  readonly answersTooEarly?: boolean
  readonly tellsWhoHasLeft?: boolean
}

/** Where revocations of several processes rest: in memory, with a feed. */
const openPlace = (planted: Planted = {}) => {
  const rows: Tombstone[] = []
  return (): RevocationNode => {
    let isCut = false
    const timers = new Set<NodeJS.Timeout>()
    const store: RevocationStore = {
      tombstones: [...rows],
      write: async (tombstone) => {
        await new Promise((resolve) => setTimeout(resolve, 2))
        const known = rows.find(({ key }) => key === tombstone.key)
        const merged = {
          ...tombstone,
          notBeforeMs: Math.max(known?.notBeforeMs ?? 0, tombstone.notBeforeMs),
          untilMs: Math.max(known?.untilMs ?? 0, tombstone.untilMs),
          ...(planted.losesTheReason && { reason: 'user_revoked' as const }),
        }
        const next = planted.takesTheLast ? tombstone : merged
        const add = (): void => {
          if (known !== undefined) rows.splice(rows.indexOf(known), 1, next)
          rows.push(next)
        }
        if (planted.answersTooEarly) setTimeout(add, 20)
        else add()
      },
      follow: ({ revoked, heard }: RevocationListener) => {
        let from = 0
        const timer = setInterval(() => {
          if (isCut) {
            if (planted.forgetsWhatWasMissed) from = rows.length
            return
          }
          if (planted.isHeardTooEarly) heard()
          for (; from < rows.length; from++) revoked(rows[from]!)
          heard()
        }, 5)
        timers.add(timer)
        return () => void (planted.tellsWhoHasLeft || clearInterval(timer))
      },
    }
    // The faulty feed loses what comes while it is cut off: it connects after that.
    return {
      store,
      cut: () => void (isCut = true),
      connect: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        isCut = false
      },
      close: () => timers.forEach(clearInterval),
    }
  }
}

describe('revocationStoreContract, of a store that is right', () => {
  test.each(revocationStoreContract({ openNode: openPlace(), isShared: true }))('$name', async ({ run }) => run())
})

describe('revocationStoreContract', () => {
  test.each<readonly [string, Planted, string]>([
    ['that replays nothing after a cut', { forgetsWhatWasMissed: true }, 'of all that it missed'],
    ['that is heard before it has told what was missed', { isHeardTooEarly: true }, 'of all that it missed'],
    ['whose last writer wins', { takesTheLast: true }, 'makes no record weaker'],
    ['that loses why', { losesTheReason: true }, 'with every field'],
    ['that answers before it has a record', { answersTooEarly: true }, 'what it took before it was opened'],
    ['that goes on to tell who has left', { tellsWhoHasLeft: true }, 'nobody who has left'],
  ])('is red for a store %s', async (_title, planted, name) => {
    const cases = revocationStoreContract({ openNode: openPlace(planted), isShared: true })
    const [found] = cases.filter((each) => each.name.includes(name))
    await expect(found!.run()).rejects.toThrow('instead of')
  })
})
