// Processes and the database, killed, cut off and stopped at any moment, under users who start and read runs.
//   KILL_SEED=n repeats the troubles of a seed. `npm run soak` runs the long version.
import { afterAll, describe, expect, it } from 'vitest'
import { plants } from './plants.ts'
import { runKillTest } from './run-kill-test.ts'
import { SmallDisk } from './small-disk.ts'

const isLong = process.env['SOAK'] === 'true'
const seed = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const size = isLong
  ? { users: 50, runsPerUser: 40, longestCutMs: 10_000, troubleMs: 900_000, restMs: 300_000 }
  : { users: 6, runsPerUser: 8, longestCutMs: 2_000, troubleMs: 15_000 }

describe('runs under kill -9 of any process at any moment', () => {
  it.each(isLong ? [false, true] : [seed % 2 === 1])(
    `end once, and are read once and in order (seed ${seed}, resumable %j)`,
    { timeout: isLong ? 3_600_000 : 300_000 },
    async (isResumable) => {
      console.log(`kill: seed ${seed} (run again with KILL_SEED=${seed})`)
      const { faults, troubles, ...counts } = await runKillTest({ ...size, seed, isResumable, signsOut: true })
      console.log(`kill: ${JSON.stringify({ ...counts, ...troubles })}`)
      expect(faults).toEqual([])
      expect(counts.runs).toBe(size.users * size.runsPerUser)
    },
  )
})

describe('runs over two databases, under the same', () => {
  it(`end once, and are read once and in order (seed ${seed})`, { timeout: 300_000 }, async () => {
    const small = { users: 6, runsPerUser: 5, longestCutMs: 2_000, troubleMs: 10_000 }
    const { faults, troubles, ...counts } = await runKillTest({ ...small, seed, isResumable: true, shards: 2 })
    console.log(`kill, two shards: ${JSON.stringify({ seed, ...counts, ...troubles })}`)
    expect(faults).toEqual([])
    expect(counts.runs).toBe(small.users * small.runsPerUser)
  })
})

const disk = SmallDisk.tryMount()
afterAll(() => disk?.unmount())
if (disk === undefined)
  console.warn('!!! NOT RUN: a full disk. It needs root, and a system that lets it mount a tmpfs. !!!')
else
  describe('runs while the disk of the database is full', () => {
    it(`end once, and are read once and in order (seed ${seed})`, { timeout: 300_000 }, async () => {
      const small = { users: 6, runsPerUser: 6, longestCutMs: 2_000, troubleMs: 8_000 }
      const { faults, troubles, ...counts } = await runKillTest({
        ...small,
        seed,
        isResumable: true,
        signsOut: true,
        disk,
      })
      console.log(`kill, disk full: ${JSON.stringify({ seed, ...counts, ...troubles })}`)
      // First no table can grow, and then the log of the server: it refuses that, or ends by it.
      const full = expect.stringMatching(/^(?:53100|gone)$/)
      expect(counts.saidOfDisk).toEqual([full, full])
      expect(faults).toEqual([])
      expect(counts.runs).toBe(small.users * small.runsPerUser)
    })
  })

if (isLong)
  describe('the kill test', { timeout: 300_000 }, () => {
    it.each([
      'a claim without a lease',
      'an append without the fence',
      'a revocation that no node hears',
      'a revocation that is not replayed after a cut',
    ] as const)('sees %s', async (name) => {
      const small = {
        users: 6,
        runsPerUser: 8,
        longestCutMs: 2_000,
        troubleMs: 30_000,
        restMs: 15_000,
        signsOut: true,
      }
      const { faults } = await runKillTest({ ...small, seed: 4, isResumable: true, plant: plants[name] })
      console.log(`kill: ${name}: ${faults.length} faults, such as ${faults[0]}`)
      expect(faults.length).toBeGreaterThan(0)
    })
  })
