// A user who signs out while a run of theirs goes on, and a client that goes on with the token of that session.
import type { Node } from '../server/nodes.ts'
import type { Reader } from '../server/reader.ts'
import { sleep, type Chance } from './chance.ts'
import type { KillCluster } from './kill-cluster.ts'

/** Words of a run that goes on for longer than a test does, unless it is ended. */
export const endlessWords = 6_000

/**
 * How long after its sign-out a client may be sent something: a node that is cut off or stopped hears of it when it is
 * back, and then within a round of its poll.
 */
const toHearMs = (longestCutMs: number): number => Math.max(longestCutMs, 3_000) + 2_000

/** The test that a user is in. */
export type TestEnvironment = {
  readonly cluster: KillCluster
  readonly chance: Chance
  readonly isLate: () => boolean
  readonly longestCutMs: number
  /** Whether users sign out in the midst of runs. Default false. */
  readonly signsOut?: boolean | undefined
}

/** A session that has ended, and what its client was sent. */
export class LeftSession {
  readonly token: string
  readonly reader: Reader
  readonly #name: string
  readonly #cluster: KillCluster
  readonly #chance: Chance
  readonly #isLate: () => boolean
  /** How long a node may take to hear of the sign-out. */
  readonly hearMs: number
  #signedOutAtMs = Infinity
  #isOver = false
  /** Whether the clock of its issuer was ahead: its token seems to be of a sign-in after the sign-out. */
  isOfLater = false
  /** Whether a server said that it is signed out. */
  isToldEnded = false
  /** Messages of the run that came later than they may. */
  late = 0

  /** @param name - Of the run, for its chances. */
  constructor(name: string, token: string, reader: Reader, { cluster, chance, isLate, longestCutMs }: TestEnvironment) {
    this.#name = name
    this.token = token
    this.reader = reader
    this.#cluster = cluster
    this.#chance = chance
    this.#isLate = isLate
    this.hearMs = toHearMs(longestCutMs)
  }

  /** Told of all that comes for the reader. */
  take(text: string): void {
    if (!this.#isOver && text.includes('"sequence"') && performance.now() > this.#signedOutAtMs + this.hearMs)
      this.late++
  }

  /** Reads with the token until it is refused, and signs out meanwhile. */
  async leave(): Promise<void> {
    const reading = this.#read()
    await sleep(this.#chance.from(0, 1_500, this.#name, 'leaves'))
    await this.#signOut()
    this.#signedOutAtMs = performance.now()
    this.isOfLater = Number(toClaims(this.token)['iat']) * 1_000 >= Date.now()
    await reading
    // What follows is read in another session.
    this.#isOver = true
  }

  async #read(): Promise<void> {
    for (let turn = 0; !this.#isLate() && !this.reader.isEnded; turn++) {
      const node = this.#chance.one(this.#cluster.nodes, this.#name, turn, 'node')
      const isSocket = this.#chance.of(this.#name, turn, 'socket') < 0.5
      // A stream that its server does not end is given up: what it brings too late has been counted by then.
      const time = AbortSignal.timeout(this.hearMs * 2)
      try {
        const answer = isSocket
          ? await this.reader.readSocket(node, this.token, time)
          : await this.reader.readEvents(node, this.token, Infinity, time)
        if (answer === 401 || answer === 4401) return
      } catch {
        // It is down.
      }
      await sleep(50)
    }
  }

  /** Asks until one says that it is done. A lost answer shows in that no node takes the token any more. */
  async #signOut(): Promise<void> {
    const unknown = new Set<number>()
    for (let turn = 0; !this.#isLate() && unknown.size < this.#cluster.nodes.length; turn++) {
      const index = this.#chance.from(0, this.#cluster.nodes.length - 1, this.#name, turn, 'signs out')
      try {
        const time = AbortSignal.timeout(5_000)
        const answer = await this.#cluster.nodes[index]!.request('POST', '/logout', this.token, {}, {}, time)
        if (answer.status === 204) return void (this.isToldEnded = true)
        // A node whose clock was moved refuses the token as well. One that could not write the sign-out down has ended
        // the session for itself, and writes it down later, unless it is killed first. Nobody was told "signed out".
        if (answer.status === 401) unknown.add(index)
        else unknown.clear()
      } catch {
        // It is down.
      }
      await sleep(50)
    }
  }
}

/** How a run ended, and why. */
export const toEnding = ({ events }: Reader): string => {
  const last = events.at(-1)
  return `${last?.type} ${last?.['data'].reason ?? last?.['data'].code}`
}

/** What is wrong with a session that has ended: its run went on, its client was told of it, a node still knows it. */
export const findFaultsOfLeft = async (
  { reader, token, late, hearMs, isOfLater, isToldEnded }: LeftSession,
  cluster: KillCluster,
): Promise<readonly string[]> => {
  const faults: string[] = []
  const { runId } = reader
  const said = toEnding(reader)
  if (!endings.has(said)) faults.push(`${runId}: its user has signed out, and it ended with ${said}`)
  // A known limit: nothing but the times of its proofs tells a session from the same one after a new sign-in. And where
  // no server said "signed out", none promised it: each had ended it for itself, and may have been killed.
  if (isOfLater || !isToldEnded) return faults
  if (late > 0) faults.push(`${runId}: its client was sent ${late} messages long after the sign-out`)
  for (const [index, node] of cluster.nodes.entries()) {
    const status = await untilRefused(node, `/runs/${runId}/events`, token, hearMs)
    if (status === 401) continue
    faults.push(
      `${runId}: node ${index} answers ${status} to a session that has ended, ${await sayTimes(token, cluster)}`,
    )
  }
  return faults
}

/** The last answer of a node that has as long as it may to hear of a sign-out: the last trouble may be just over. */
async function untilRefused(node: Node, path: string, token: string, hearMs: number): Promise<number> {
  const untilMs = performance.now() + hearMs
  for (;;) {
    const { status } = await node.request('GET', path, token)
    if (status === 401 || performance.now() > untilMs) return status
    await sleep(50)
  }
}

/** When the user signed in and from when on the database refuses: what to look for when a node does not. */
async function sayTimes(token: string, cluster: KillCluster): Promise<string> {
  const { auth_time: signedInAt, sid } = toClaims(token)
  const rows = await cluster.ask<{ readonly key: string; readonly not_before_ms: string }>(
    'SELECT key, not_before_ms FROM uec.revocations',
  )
  const found = rows.find(({ key }) => key.includes(String(sid)))
  return `signed in at ${Number(signedInAt) * 1_000}, and refused in the database before ${found?.not_before_ms}`
}

function toClaims(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>
}

/**
 * How a run may end whose user has signed out: for that reason, with its worker, with the database, or because the
 * clock of its worker was behind that of the node that sealed its job.
 */
const endings: ReadonlySet<string> = new Set([
  'agent_failed ERR_CONTEXT_SEAL_BROKEN',
  'agent_cancelled identity_ended',
  'agent_failed ERR_CONTEXT_WORKER_LOST',
  'agent_failed ERR_CONTEXT_EVENT_LOG_FAILED',
])
