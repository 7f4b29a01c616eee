// A user who starts runs and reads each to its end, at whatever process answers, cut off again and again.
import { randomUUID } from 'node:crypto'
import { Reader } from '../server/reader.ts'
import { sleep, type Chance } from './chance.ts'
import type { KillCluster } from './kill-cluster.ts'
import { endlessWords, LeftSession, type TestEnvironment } from './leave-run.ts'

/** A mark that only this user's data may hold. */
const canary = /canary[0-9a-f]{32}/g

/** A run that a server has acknowledged, and what its client has of it. */
export type ReadRun = {
  readonly reader: Reader
  readonly words: number
  /** Its user signed out meanwhile. */
  readonly left?: LeftSession | undefined
  /** Its user stopped it. */
  readonly isStopped?: boolean | undefined
}

export class BusyUser {
  readonly userName: string
  readonly userId: string
  readonly runs: ReadRun[] = []
  /** Marks of others that came. */
  readonly foreign = new Set<string>()
  readonly refusals: Record<string, number> = {}
  readonly #around: TestEnvironment
  readonly #cluster: KillCluster
  readonly #chance: Chance
  readonly #isLate: () => boolean
  #token = ''
  #turns = 0

  constructor(userName: string, userId: string, around: TestEnvironment) {
    this.userName = userName
    this.userId = userId
    this.#around = around
    this.#cluster = around.cluster
    this.#chance = around.chance
    this.#isLate = around.isLate
  }

  get token(): string {
    return this.#token
  }

  async signIn(): Promise<void> {
    while (!this.#isLate()) {
      try {
        const token = await this.#cluster.nodes[0]!.signIn(this.userName)
        if (token !== undefined) return void (this.#token = token)
      } catch {
        // It is down, or away from the database.
      }
      await sleep(100)
    }
  }

  /** Starts runs one after the other. In the midst of some the user signs out, and then in again, or stops the run. */
  async work(count: number): Promise<void> {
    for (let index = 0; index < count && !this.#isLate(); index++) {
      const leaves = this.#around.signsOut === true && this.#chance.of(this.userName, index, 'leaves') < 0.15
      const isStopped = !leaves && this.#chance.of(this.userName, index, 'stops') < 0.15
      const words = leaves || isStopped ? endlessWords : this.#chance.from(1, 25, this.userName, this.#turns, 'words')
      const runId = await this.#start(words)
      if (runId === undefined) return
      let left: LeftSession | undefined
      const reader = new Reader(runId, (text) => {
        this.#look(text)
        left?.take(text)
      })
      if (leaves) left = new LeftSession(`${this.userName} ${index}`, this.#token, reader, this.#around)
      this.runs.push({ reader, words, left, isStopped })
      if (left !== undefined) {
        await left.leave()
        await this.signIn()
      }
      await Promise.all([this.read(reader), isStopped ? this.#stop(runId, index) : undefined])
    }
  }

  /** Asks until a server says that the run is cancelled, or has ended. */
  async #stop(runId: string, index: number): Promise<void> {
    await sleep(this.#chance.from(0, 1_500, this.userName, index, 'stops after'))
    while (!this.#isLate()) {
      try {
        const path = `/runs/${runId}`
        const response = await this.#node().request('DELETE', path, this.#token, undefined, {}, this.#time(5_000))
        if (response.status === 200) return
        await this.#refused('stop', response.status)
      } catch {
        await sleep(50)
      }
    }
  }

  /** Asks with one key until a server says yes. */
  async #start(words: number): Promise<string | undefined> {
    const headers = { 'idempotency-key': randomUUID() }
    const body = { threadId: randomUUID(), input: { text: String(words) } }
    while (!this.#isLate()) {
      try {
        const response = await this.#node().request('POST', '/runs', this.#token, body, headers, this.#time(5_000))
        if (response.status === 202) return ((await response.json()) as { readonly runId: string }).runId
        await this.#refused('start', response.status)
      } catch {
        await sleep(50)
      }
    }
    return undefined
  }

  /** Reads a run to its end, wherever it is answered. */
  async read(reader: Reader): Promise<void> {
    while (!reader.isEnded && !this.#isLate()) {
      const turn = ++this.#turns
      const most = reader.events.length + this.#chance.from(1, 60, this.userName, turn, 'most')
      const isSocket = this.#chance.of(this.userName, turn, 'socket') < 0.5
      const time = this.#time(this.#chance.from(200, 4_000, this.userName, turn, 'time'))
      try {
        const answer = isSocket
          ? await reader.readSocket(this.#node(), this.#token, time)
          : await reader.readEvents(this.#node(), this.#token, most, time)
        if (answer !== 200 && answer !== 1006) await this.#refused('read', answer)
      } catch {
        await sleep(50)
      }
    }
  }

  async #refused(what: string, status: number): Promise<void> {
    this.refusals[`${what} ${status}`] = (this.refusals[`${what} ${status}`] ?? 0) + 1
    await sleep(50)
    if (status === 401 || status === 4401) await this.signIn()
  }

  #node() {
    return this.#chance.one(this.#cluster.nodes, this.userName, ++this.#turns, 'node')
  }

  #time(timeMs: number): AbortSignal {
    return AbortSignal.timeout(timeMs)
  }

  #look(text: string): void {
    for (const [found] of text.matchAll(canary)) if (found !== this.userId) this.foreign.add(found)
  }
}
