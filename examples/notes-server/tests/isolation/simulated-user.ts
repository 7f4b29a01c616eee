/**
 * One user with a socket that is cut, slowed and opened again, and sometimes a second socket or an event stream.
 * Keeps every byte it was ever sent.
 */
import { connect } from 'node:net'
import { setTimeout as sleepOr } from 'node:timers/promises'
import WebSocket from 'ws'
import type { RunEvent } from '@user-execution-context/golden-path'
import { isEnd, isRunEvent, type Message } from '../../../../packages/golden-path/tests/server/test-server.ts'
import { randomFrom, sleep, type Random } from './random.ts'

export type RunRecord = { readonly runId: string; readonly events: RunEvent[]; lastSequence: number; ended: boolean }

export class SimulatedUser {
  readonly index: number
  /** Everything that came over every wire of this user. */
  readonly chunks: Buffer[] = []
  readonly runs = new Map<string, RunRecord>()
  /** What broke the order: a sequence number that came twice, or not in its turn. */
  readonly disorders: string[] = []
  readonly #port: number
  readonly #token: string
  readonly #random: Random
  readonly #waiting = new Set<() => void>()
  readonly #accepted = new Map<string, string>()
  #socket: WebSocket | undefined
  #isOver = false

  constructor(index: number, port: number, token: string, random: Random) {
    this.index = index
    this.#port = port
    this.#token = token
    this.#random = random
  }

  /** Opens the socket, and resumes every run that has not ended from the last event that came. */
  async open(): Promise<void> {
    const socket = await this.#connect()
    socket.on('close', () => void this.#reopen(socket))
    for (const run of this.runs.values())
      if (!run.ended) this.#say({ type: 'resume', runId: run.runId, lastSequence: run.lastSequence })
  }

  /**
   * Starts a run and resolves to its id. Says so again on the next socket when this one was cut before the answer: its
   * key starts no second run, and any that it did start would be counted.
   *
   * @param isCut - Whether to cut the line once, between the question and its answer.
   */
  async start(text: string, clientRequestId: string, isCut = false): Promise<string> {
    while (!this.#accepted.has(clientRequestId)) {
      await this.#until(() => this.#socket?.readyState === WebSocket.OPEN)
      const socket = this.#socket
      this.#say({ type: 'start_run', clientRequestId, idempotencyKey: `start of ${clientRequestId}`, input: { text } })
      if (isCut) this.cut()
      isCut = false
      await this.#until(() => this.#accepted.has(clientRequestId) || socket?.readyState !== WebSocket.OPEN)
    }
    return this.#accepted.get(clientRequestId)!
  }

  cancel(runId: string): void {
    this.#say({ type: 'cancel_run', runId })
  }

  /** Cuts the line without a word, as a lost network does. */
  cut(): void {
    this.#socket?.terminate()
  }

  /** Stops reading for a while. */
  async stall(): Promise<void> {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN) return
    socket.pause()
    await sleep(randomFrom(this.#random, 20, 120))
    socket.resume()
  }

  /** Follows a run as server-sent events over HTTP, with one cut, and returns the sequence numbers that came. */
  async follow(runId: string): Promise<number[]> {
    const sequences: number[] = []
    for (let attempt = 0; attempt < 50; attempt++) {
      const controller = new AbortController()
      const response = await fetch(`http://127.0.0.1:${this.#port}/runs/${runId}/events`, {
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(sequences.length > 0 && { 'last-event-id': String(sequences.at(-1)) }),
        },
        signal: controller.signal,
      })
      if (response.status !== 200) return sequences
      const cutAfter = attempt === 0 ? 2 : Infinity
      if (await this.#readStream(response, sequences, cutAfter, controller)) return sequences
      await sleep(2)
    }
    return sequences
  }

  /** What the server says to a request for a run that is not this user's: status and body. */
  async ask(method: string, path: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
    })
    return `${response.status} ${await response.text()}`
  }

  hasEnded(runId: string): Promise<void> {
    return this.#until(() => this.runs.get(runId)?.ended === true)
  }

  close(): void {
    this.#isOver = true
    this.#socket?.close()
  }

  async #readStream(
    response: Response,
    sequences: number[],
    cutAfter: number,
    controller: AbortController,
  ): Promise<boolean> {
    let text = ''
    try {
      for await (const chunk of response.body!) {
        this.chunks.push(Buffer.from(chunk))
        text += Buffer.from(chunk).toString('utf8')
        const blocks = text.split('\n\n')
        text = blocks.pop()!
        for (const block of blocks) {
          const data = /^data: ?(.*)$/m.exec(block)?.[1]
          if (data === undefined) continue
          const message = JSON.parse(data) as Message
          if (!isRunEvent(message)) continue
          for (let sequence = message.fromSequence ?? message.sequence; sequence <= message.sequence; sequence++)
            sequences.push(sequence)
          if (isEnd(message)) return true
          if (sequences.length >= cutAfter) controller.abort()
        }
      }
    } catch (error) {
      if (!controller.signal.aborted) throw error
    }
    return false
  }

  async #reopen(closed: WebSocket): Promise<void> {
    await sleep(randomFrom(this.#random, 0, 8))
    if (this.#isOver || this.#socket !== closed) return
    await this.open().catch((error: unknown) => {
      // After the end of the simulation there is nobody to come back to.
      if (!this.#isOver) this.disorders.push(`user ${this.index} could not come back: ${String(error)}`)
    })
  }

  #connect(): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/ws`, ['uec.v1', `bearer.${this.#token}`], {
      perMessageDeflate: false,
      createConnection: ((parameters: { port: number; host: string }) =>
        connect(parameters.port, parameters.host).on('data', (chunk) => this.chunks.push(chunk))) as never,
    })
    socket.on('message', (data) => this.#take(socket, JSON.parse(String(data)) as Message))
    return new Promise((resolve, reject) => {
      socket.on('open', () => {
        // Here and not after the promise: frames that came with the answer to the upgrade are told before it resolves.
        this.#socket = socket
        resolve(socket)
      })
      socket.on('error', reject)
    })
  }

  #take(socket: WebSocket, message: Message): void {
    // A cut socket may still empty its buffer; what it holds was resumed on the next one.
    if (socket === this.#socket) {
      if (message.type === 'run_accepted') {
        this.#accepted.set(message['clientRequestId'] as string, message['runId'] as string)
        this.#run(message['runId'] as string)
      }
      if (isRunEvent(message)) this.#takeEvent(message)
    }
    for (const look of [...this.#waiting]) look()
  }

  #takeEvent(event: RunEvent): void {
    const run = this.#run(event.runId)
    // Text pieces that were joined for a slow reader come as one event that says where it begins.
    const from = event.fromSequence ?? event.sequence
    if (from !== run.lastSequence + 1) this.disorders.push(`${event.runId}: ${from} after ${run.lastSequence}`)
    run.lastSequence = event.sequence
    if (run.ended) this.disorders.push(`${event.runId}: ${event.type} after its end`)
    run.events.push(event)
    run.ended ||= isEnd(event as never)
  }

  /** Known from its acceptance on: a cut before the first event must not lose the run. */
  #run(runId: string): RunRecord {
    const run = this.runs.get(runId) ?? { runId, events: [], lastSequence: 0, ended: false }
    this.runs.set(runId, run)
    return run
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  async #until(isTrue: () => boolean): Promise<void> {
    const deadlineMs = Date.now() + 90_000
    while (!isTrue()) {
      if (Date.now() > deadlineMs) throw new Error(`user ${this.index} waited in vain`)
      // Woken by the next message, or looked at again after a while: a reopened socket says nothing.
      let look: () => void = () => undefined
      const woken = new Promise<void>((resolve) => this.#waiting.add((look = () => resolve())))
      await Promise.race([woken, sleepOr(50)])
      this.#waiting.delete(look)
    }
  }
}
