/**
 * One device of one user: a socket whose token is renewed, lost or revoked, and runs that are started through it.
 */
import { connect } from 'node:net'
import WebSocket from 'ws'
import type { Message } from '../../../../../packages/golden-path/tests/server/test-server.ts'
import type { Canaries } from '../canaries.ts'
import { randomFrom, sleep, type Random } from '../random.ts'
import type { ProofOwner } from './proof-ledger.ts'
import type { WatchedServer } from './watched-server.ts'

/** What happened to all devices. */
export type DeviceCounts = { refusedRenewals: number; closed4401: number; revocations: number; streams: number }

let sessionCount = 0

export class Device {
  /** Everything that came over every wire. */
  readonly chunks: Buffer[] = []
  readonly runIds: string[] = []
  readonly faults: string[] = []
  readonly #server: WatchedServer
  readonly #user: Omit<ProofOwner, 'sessionId'>
  readonly #random: Random
  readonly #counts: DeviceCounts
  readonly #waiting = new Map<string, (answer: Message) => void>()
  #owner: ProofOwner
  #token = ''
  #readToken: string | undefined
  #socket: WebSocket | undefined

  constructor(server: WatchedServer, user: Omit<ProofOwner, 'sessionId'>, random: Random, counts: DeviceCounts) {
    this.#server = server
    this.#user = user
    this.#random = random
    this.#counts = counts
    this.#owner = this.#newSession()
  }

  /** Starts so many runs, through whatever happens. */
  async live(runs: number, index: number, canaries: Canaries): Promise<void> {
    for (let run = 0; run < runs; run++) {
      const canary = canaries.plant(index, this.#random)
      const runId = await this.#start(canary)
      this.runIds.push(runId)
      if (this.#random() < 0.2) void this.#follow(runId)
      await sleep(randomFrom(this.#random, 100, 900))
      await this.#renewSometimes()
      if (this.#random() < 0.08) await this.#revoke()
    }
    this.#socket?.close()
  }

  /** All events of a run, by who signs in again after it was started. */
  async read(runId: string): Promise<Message[]> {
    for (;;) {
      this.#readToken ??= await this.#server.newToken(this.#newSession())
      const text = await this.#get(runId, this.#readToken)
      const events = (text ?? '')
        .split('\n\n')
        .flatMap((block) => /^id: \d+\.\d+\ndata: (.*)$/m.exec(block)?.[1] ?? [])
        .map((data) => JSON.parse(data) as Message)
      // Cut off by a revocation: read again by who signs in again.
      if (text !== undefined && /^agent_(completed|failed|cancelled)$/.test(events.at(-1)?.type ?? '')) return events
      this.#readToken = undefined
      await sleep(20)
    }
  }

  /** With one key, however often the line is lost before the answer. */
  async #start(canary: string): Promise<string> {
    for (;;) {
      await this.#open()
      const clientRequestId = `${canary} ${this.#random()}`
      this.#say({
        type: 'start_run',
        input: { text: canary },
        threadId: 'thread',
        idempotencyKey: canary,
        clientRequestId,
      })
      const answer = await this.#answerTo(clientRequestId)
      if (answer?.type === 'run_accepted') return answer['runId'] as string
      if (answer !== undefined && !/IDENTITY|TOO_MANY/.test(String(answer['code'])))
        this.faults.push(`a start was refused with ${String(answer['code'])}`)
      await sleep(20)
    }
  }

  async #renewSometimes(): Promise<void> {
    const endsInMs = this.#server.ledger.find(this.#token)!.endsAtMs - Date.now()
    if (endsInMs > 2500 || this.#socket?.readyState !== WebSocket.OPEN || this.#random() < 0.3) return
    const isDemoted = this.#random() < 0.3
    const next = await this.#server.newToken(this.#owner, isDemoted)
    this.#server.ledger.expectRenewal(this.#token, next, isDemoted)
    const clientRequestId = `renewal ${this.#random()}`
    this.#say({ type: 'renew_token', token: next, clientRequestId })
    const answer = await this.#answerTo(clientRequestId)
    if (answer?.type === 'token_renewed') this.#token = next
    else if (answer?.['code'] === 'ERR_CONTEXT_IDENTITY_REFUSED' && isDemoted) this.#counts.refusedRenewals++
  }

  async #revoke(): Promise<void> {
    const { sessions, ledger, namespace, port } = this.#server
    const { userId, tenantId } = this.#user
    this.#counts.revocations++
    const kind = this.#random()
    if (kind < 0.6) {
      const headers = { authorization: `Bearer ${this.#token}` }
      await fetch(`http://127.0.0.1:${port}/logout`, { method: 'POST', headers })
    } else if (kind < 0.95) {
      const done = sessions.revoke({ user: { namespace, tenantId, userId } })
      // In memory it has happened, before anything else can run.
      ledger.endWhere((owner) => owner.userId === userId)
      await done
    } else {
      const done = sessions.revoke({ tenant: { namespace, tenantId } })
      ledger.endWhere((owner) => owner.tenantId === tenantId)
      await done
    }
  }

  async #open(): Promise<void> {
    while (this.#socket?.readyState !== WebSocket.OPEN) {
      this.#owner = this.#newSession()
      this.#token = await this.#server.newToken(this.#owner)
      const socket = new WebSocket(`ws://127.0.0.1:${this.#server.port}/ws`, {
        headers: { authorization: `Bearer ${this.#token}` },
        perMessageDeflate: false,
        createConnection: ((parameters: { port: number; host: string }) =>
          connect(parameters.port, parameters.host).on('data', (chunk) => this.chunks.push(chunk))) as never,
      })
      socket.on('error', () => {})
      socket.on('close', (code) => code === 4401 && this.#counts.closed4401++)
      socket.on('message', (data) => this.#take(JSON.parse(String(data)) as Message))
      this.#socket = socket
      await new Promise<void>((resolve) => socket.once('open', resolve).once('close', () => resolve()))
      if (socket.readyState !== WebSocket.OPEN) await sleep(20)
    }
  }

  async #follow(runId: string): Promise<void> {
    this.#counts.streams++
    await this.#get(runId, this.#token)
  }

  /** Undefined for a stream that was refused. */
  async #get(runId: string, token: string): Promise<string | undefined> {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`http://127.0.0.1:${this.#server.port}/runs/${runId}/events`, { headers })
    const text = await response.text()
    this.chunks.push(Buffer.from(text))
    return response.status === 200 ? text : undefined
  }

  #take(message: Message): void {
    const clientRequestId: unknown = message['clientRequestId']
    if (typeof clientRequestId !== 'string') return
    this.#waiting.get(clientRequestId)?.(message)
    this.#waiting.delete(clientRequestId)
  }

  /** Undefined when the line is lost first. */
  async #answerTo(clientRequestId: string): Promise<Message | undefined> {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN) return undefined
    return new Promise((resolve) => {
      const lose = (): void => resolve(undefined)
      socket.once('close', lose)
      this.#waiting.set(clientRequestId, (message) => {
        socket.off('close', lose)
        resolve(message)
      })
    })
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #newSession(): ProofOwner {
    return { ...this.#user, sessionId: `session-${++sessionCount}` }
  }
}
