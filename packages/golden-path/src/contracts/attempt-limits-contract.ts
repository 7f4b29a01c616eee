/**
 * What every counter of failed sign-ins must do, as cases that any test runner can run.
 */
import { equal } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { AttemptLimitOptions } from '../login/attempt-bounds.ts'
import type { AttemptLimits } from '../login/attempt-limits.ts'
import { refusalOf, type ContractCase } from './contract-case.ts'

const limited = 'ERR_CONTEXT_SIGN_IN_LIMIT'

/** Bounds that the cases set. */
type Bounds = Omit<AttemptLimitOptions, 'maxKeys'>

/**
 * The cases for limits of failed sign-ins.
 *
 * @param openLimits - Gives limits. They may have counts of others: each case makes names and addresses of its own.
 * @example
 * ```ts
 * import { attemptLimits } from '@user-execution-context/golden-path/login'
 * import { attemptLimitsContract } from '@user-execution-context/golden-path/contracts'
 *
 * for (const { run } of attemptLimitsContract(attemptLimits)) await run()
 * ```
 */
export const attemptLimitsContract = (
  openLimits: (bounds: Bounds) => AttemptLimits | Promise<AttemptLimits>,
): readonly ContractCase[] => {
  const newCase = (
    name: string,
    bounds: Bounds,
    check: (limits: AttemptLimits, name: string, address: string) => Promise<void>,
  ): ContractCase => ({
    name,
    run: async () => check(await openLimits(bounds), `name-${randomUUID()}`, `address-${randomUUID()}`),
  })
  const fail = async (limits: AttemptLimits, name: string, address: string, times = 1): Promise<void> => {
    for (let time = 0; time < times; time++) await (await limits.begin(name, address)).fail()
  }
  const isFree = async (limits: AttemptLimits, name: string, address: string): Promise<void> =>
    void (await (await limits.begin(name, address)).withdraw())
  return [
    newCase(
      'refuses a name at an address once it has failed so often, in any case',
      { perUser: 2 },
      async (limits, name, address) => {
        await fail(limits, name, address, 2)
        equal(await refusalOf(() => limits.begin(name, address)), limited)
        equal(await refusalOf(() => limits.begin(name.toUpperCase(), address)), limited)
      },
    ),
    newCase(
      'lets the name in from elsewhere, and others in from there',
      { perUser: 1 },
      async (limits, name, address) => {
        await fail(limits, name, address)
        await isFree(limits, name, `${address}-2`)
        await isFree(limits, `${name}-2`, address)
      },
    ),
    newCase(
      'refuses an address once it has failed so often, whatever the names',
      { perAddress: 3 },
      async (limits, name, address) => {
        for (const number of [1, 2, 3]) await fail(limits, `${name}-${number}`, address)
        equal(await refusalOf(() => limits.begin(`${name}-4`, address)), limited)
        await isFree(limits, `${name}-4`, `${address}-2`)
      },
    ),
    newCase(
      'leaves 3 guesses at each address for a name that is guessed from many',
      { perUserEverywhere: 4, perUser: 4 },
      async (limits, name, address) => {
        await fail(limits, name, `${address}-1`, 4)
        await fail(limits, name, `${address}-2`, 3)
        equal(await refusalOf(() => limits.begin(name, `${address}-2`)), limited)
        await isFree(limits, name, `${address}-3`)
        await fail(limits, `${name}-2`, `${address}-2`, 4)
      },
    ),
    newCase(
      'forgets what a name failed at where it succeeds',
      { perUser: 2, perAddress: 3 },
      async (limits, name, address) => {
        await fail(limits, name, address)
        await (await limits.begin(name, address)).succeed()
        await fail(limits, name, address)
        await isFree(limits, name, address)
        // The address keeps its failures: the owner of one account there may not guess at others without end.
        await fail(limits, `${name}-2`, address)
        equal(await refusalOf(() => limits.begin(`${name}-3`, address)), limited)
      },
    ),
    newCase(
      'never limits who succeeds, and counts nothing that was withdrawn',
      { perUser: 1 },
      async (limits, name, address) => {
        for (let time = 0; time < 5; time++) {
          await (await limits.begin(name, address)).succeed()
          await isFree(limits, name, address)
        }
      },
    ),
    newCase(
      'counts an attempt that is settled twice once, as it was settled first',
      { perUser: 2 },
      async (limits, name, address) => {
        const attempt = await limits.begin(name, address)
        await attempt.fail()
        await attempt.fail()
        await attempt.succeed()
        await fail(limits, name, address)
        equal(await refusalOf(() => limits.begin(name, address)), limited)
      },
    ),
    newCase('lets no more guesses pass together than may fail', { perUser: 3 }, async (limits, name, address) => {
      let passed = 0
      const guesses = Array.from({ length: 12 }, async () => {
        const attempt = await limits.begin(name, address)
        passed++
        await new Promise((resolve) => setTimeout(resolve, 20))
        await attempt.fail()
      })
      const outcomes = await Promise.allSettled(guesses)
      equal(passed, 3)
      const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
      equal(codes.filter((code) => code === limited).length, 9)
    }),
    newCase(
      'lets no more guesses at many names pass together from one address than may fail',
      { perAddress: 3 },
      async (limits, name, address) => {
        let passed = 0
        const guesses = Array.from({ length: 9 }, async (_, index) => {
          const attempt = await limits.begin(`${name}-${index}`, address)
          passed++
          await new Promise((resolve) => setTimeout(resolve, 20))
          await attempt.fail()
        })
        await Promise.allSettled(guesses)
        equal(passed, 3)
      },
    ),
    newCase('lets one that waits go on when a place is given back', { perUser: 1 }, async (limits, name, address) => {
      const first = await limits.begin(name, address)
      let isWaiting = true
      const second = limits.begin(name, address).finally(() => (isWaiting = false))
      await new Promise((resolve) => setTimeout(resolve, 60))
      equal(isWaiting, true)
      await first.withdraw()
      await (await second).fail()
      equal(await refusalOf(() => limits.begin(name, address)), limited)
    }),
    newCase(
      'lets a name in again when the window is over',
      { perUser: 1, windowMs: 200 },
      async (limits, name, address) => {
        await fail(limits, name, address)
        equal(await refusalOf(() => limits.begin(name, address)), limited)
        await new Promise((resolve) => setTimeout(resolve, 300))
        await isFree(limits, name, address)
      },
    ),
  ]
}
