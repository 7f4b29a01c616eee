import { describe, expect, it } from 'vitest'
import { simulate } from './simulate.ts'

const seed = Number(process.env['ISOLATION_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** One seed, or ten of them under `npm run soak`. */
const seeds = Array.from({ length: process.env['SOAK'] === 'true' ? 10 : 1 }, (_, index) => seed + index * 1_000)

describe('the golden path', () => {
  const title = 'keeps 100 users with 20 runs each apart, on every wire, in every log line, audit record and file'
  it.each(seeds)(`${title} (seed %i)`, async (seed) => {
    console.log(`isolation: seed ${seed} (run again with ISOLATION_SEED=${seed})`)
    const { leaks, faults, ...counts } = await simulate({ users: 100, runsPerUser: 20, seed })
    console.log(
      `isolation: ${Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}`,
    )
    expect({ leaks, faults }).toEqual({ leaks: [], faults: [] })
    expect(counts.runs).toBe(2000)
    expect(counts.cuts).toBeGreaterThan(100)
    expect(counts.auditRecords).toBeGreaterThan(1000)
  })
})

describe('the harness', () => {
  it.each(['shared-default', 'cache-without-user', 'singleton-agent'] as const)(
    'sees a planted leak: %s',
    async (leak) => {
      // A fixed seed: a random draw may hold too few notes for a leak to show.
      const { leaks } = await simulate({ users: 8, runsPerUser: 10, seed: 1, leak })
      expect(leaks.length).toBeGreaterThan(0)
    },
  )
})
