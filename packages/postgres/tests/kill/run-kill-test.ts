// One kill test: users at work while everything is killed, then rest, then the account.
import { createHash } from 'node:crypto'
import { BusyUser } from './busy-user.ts'
import { Chance, sleep } from './chance.ts'
import { findFaults } from './find-faults.ts'
import { KillCluster } from './kill-cluster.ts'
import { makeTrouble, type Troubles } from './make-trouble.ts'
import { fillDisk, type SmallDisk } from './small-disk.ts'

export type KillTest = {
  readonly users: number
  readonly runsPerUser: number
  readonly seed: number
  readonly longestCutMs: number
  /** How long things go wrong at most, milliseconds. It ends when all runs have. */
  readonly troubleMs: number
  /** Whether the agent goes on with what a lost worker has left. */
  readonly isResumable: boolean
  /** Whether users sign out in the midst of runs. Default false. */
  readonly signsOut?: boolean
  /** Over how many databases. Default 1. */
  readonly shards?: number
  /** The disk of the database, which is full once. Default: that of the machine, and never. */
  readonly disk?: SmallDisk
  /** Statements that undo a guard of the database. */
  readonly plant?: readonly string[]
  /** How long the runs may take to end once nothing goes wrong any more, milliseconds. */
  readonly restMs?: number
}

export type KillResult = {
  readonly faults: readonly string[]
  readonly troubles: Troubles
  readonly runs: number
  readonly gaps: number
  /** Runs whose user signed out meanwhile. */
  readonly left: number
  readonly refusals: Record<string, number>
  /** What the database said when its disk was full. */
  readonly saidOfDisk: readonly string[] | undefined
}

export const runKillTest = async (test: KillTest): Promise<KillResult> => {
  const { seed, isResumable, longestCutMs, plant = [], restMs = 60_000 } = test
  const chance = new Chance(seed)
  const cluster = new KillCluster(test.disk?.directory)
  const names = Array.from({ length: test.users }, (_, index) => `user-${index}`)
  const toUserId = (name: string): string =>
    `canary${createHash('sha256').update(`${seed} ${name}`).digest('hex').slice(0, 32)}`
  let lateAtMs = Infinity
  let isDone = false
  try {
    await cluster.open(names, toUserId, isResumable, test.shards)
    await undoGuards(cluster, plant)
    const isLate = (): boolean => performance.now() > lateAtMs
    const around = { cluster, chance, isLate, signsOut: test.signsOut, longestCutMs }
    const users = names.map((name) => new BusyUser(name, toUserId(name), around))
    for (const user of users) await user.signIn()
    const troublesUntilMs = performance.now() + test.troubleMs
    const making = makeTrouble(cluster, seed, longestCutMs, () => isDone || performance.now() > troublesUntilMs)
    const working = Promise.all(users.map((user) => user.work(test.runsPerUser))).then(() => void (isDone = true))
    const saidOfDisk = test.disk && (await fillDisk(test.disk, cluster))
    const troubles = await making
    lateAtMs = performance.now() + restMs
    await working
    await untilIdle(cluster)
    const faults = await findFaults(cluster, users)
    const runs = users.flatMap((user) => user.runs)
    const refusals: Record<string, number> = {}
    for (const user of users)
      for (const [name, count] of Object.entries(user.refusals)) refusals[name] = (refusals[name] ?? 0) + count
    const gaps = runs.reduce((sum, { reader }) => sum + reader.gaps.length, 0)
    const left = runs.filter((run) => run.left !== undefined).length
    return { faults, troubles, runs: runs.length, gaps, left, refusals, saidOfDisk }
  } finally {
    await cluster.close()
  }
}

export async function undoGuards(cluster: KillCluster, plant: readonly string[]): Promise<void> {
  const client = await cluster.connect()
  for (const statement of plant) await client.query(statement)
  await client.end()
}

/** What a worker has of a run that has ended is gone with its next look. */
async function untilIdle(cluster: KillCluster): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await cluster.ask('SELECT FROM uec.jobs')).length === 0) break
    await sleep(100)
  }
}
