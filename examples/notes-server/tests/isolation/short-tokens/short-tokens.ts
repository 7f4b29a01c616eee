/**
 * Users with two devices each, tokens of five seconds, renewals and revocations at random, against a real server.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Agent } from '@user-execution-context/golden-path'
import { isEnd } from '../../../../../packages/golden-path/tests/server/test-server.ts'
import { Canaries, type Leak } from '../canaries.ts'
import { randomFrom, seededRandom, sleep, type Random } from '../random.ts'
import { Device, type DeviceCounts } from './device.ts'
import { openWatchedServer, type PlantedFault } from './watched-server.ts'

export type ShortTokensOptions = {
  readonly users: number
  readonly runsPerUser: number
  readonly seed: number
  readonly fault?: PlantedFault
}

export const simulateShortTokens = async ({ users: count, runsPerUser, seed, fault }: ShortTokensOptions) => {
  const directory = await mkdtemp(join(tmpdir(), 'short-tokens-'))
  const server = await openWatchedServer(sayingAgent(seededRandom(seed)), directory, fault)
  const canaries = new Canaries()
  const counts: DeviceCounts = { refusedRenewals: 0, closed4401: 0, revocations: 0, streams: 0 }
  const leaks: Leak[] = []
  const faults: string[] = []
  let runs = 0
  try {
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const user = { userId: `user-${index}`, tenantId: `tenant-${index % 10}` }
        const devices = [0, 1].map(
          (device) => new Device(server, user, seededRandom(seed + index * 2 + device + 1), counts),
        )
        await Promise.all(devices.map((device) => device.live(runsPerUser / 2, index, canaries)))
        const runIds = devices.flatMap((device) => device.runIds)
        runs += new Set(runIds).size
        // By both devices at once: a user may have only so many streams.
        const read = async (runId: string, reader: Device): Promise<void> =>
          void faults.push(...findDisorder(runId, await reader.read(runId)))
        await Promise.all(
          devices.map(async (device) => {
            for (const runId of device.runIds) await read(runId, device)
          }),
        )
        for (const { chunks, faults: ofDevice } of devices) {
          leaks.push(...canaries.findLeaks('wire', index, Buffer.concat(chunks).toString('latin1')))
          faults.push(...ofDevice)
        }
      }),
    )
  } finally {
    await server.close()
    await rm(directory, { recursive: true, force: true })
  }
  const { ledger } = server
  return { leaks, faults: [...faults, ...ledger.faults], runs, ...counts, ...ledger.counts }
}

/** Says its user's mark now and then for up to a second and a half, so that many runs outlive their token. */
function sayingAgent(random: Random): Agent {
  return async function* (_scope, { text }) {
    const pieces = randomFrom(random, 2, 8)
    for (let piece = 0; piece < pieces; piece++) {
      yield { type: 'agent_message_delta', text: `${text} ${piece}` }
      await sleep(randomFrom(random, 5, 200))
    }
  }
}

function findDisorder(runId: string, events: readonly { readonly type: string; readonly sequence?: number }[]) {
  const types = events.map(({ type }) => type)
  const isInTurn = events.every(({ sequence }, index) => sequence === index + 1)
  const isWhole = types[0] === 'agent_started' && events.filter(isEnd).length === 1 && isEnd(events.at(-1)!)
  return isInTurn && isWhole ? [] : [`${runId}: ${types.join(' ')}`]
}
