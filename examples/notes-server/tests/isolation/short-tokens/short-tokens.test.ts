// The end of a proof, seen from outside: what a server writes, by its own clock, after a token has expired, a session
// was signed out, a user or a tenant was revoked. AISVS 9.5.6, issue "Identity", what it must show, 2.
import { describe, expect, it } from 'vitest'
import { simulateShortTokens } from './short-tokens.ts'

const seed = Number(process.env['ISOLATION_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** One seed, or five of them under `npm run soak`. */
const seeds = Array.from({ length: process.env['SOAK'] === 'true' ? 5 : 1 }, (_, index) => seed + index * 1_000)

describe('the golden path with tokens of five seconds', () => {
  it.each(seeds)('writes nothing for a proof that has ended, to 100 users with two devices (seed %i)', async (seed) => {
    console.log(`short tokens: seed ${seed} (run again with ISOLATION_SEED=${seed})`)
    const { leaks, faults, ...counts } = await simulateShortTokens({ users: 100, runsPerUser: 20, seed })
    console.log(
      `short tokens: ${Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}`,
    )
    expect({ leaks, faults }).toEqual({ leaks: [], faults: [] })
    expect(counts.runs).toBe(2000)
    for (const count of [counts.renewals, counts.refusedRenewals, counts.revocations, counts.streams])
      expect(count).toBeGreaterThan(20)
    expect(counts.closed4401).toBeGreaterThan(100)
  })
})

describe('the harness of short tokens', () => {
  it.each(['closes-late', 'demoted-renewal'] as const)('sees a planted fault: %s', async (fault) => {
    // Whether a frame falls into the time after an end is a matter of milliseconds: up to 15 worlds are looked at.
    let found: readonly string[] = []
    for (let seed = 1; seed <= 15 && found.length === 0; seed++)
      found = (await simulateShortTokens({ users: 8, runsPerUser: 40, seed, fault })).faults
    expect(found.length).toBeGreaterThan(0)
  })
})
