// Processes of a cluster, and clients that come back with their last position, as a test sees them.
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import type { RunEvent, ServerMessage } from '@user-execution-context/golden-path'

const program = fileURLToPath(new URL('member.mjs', import.meta.url))

export type Started = { readonly runId: string; readonly threadId: string }
type Said = RunEvent | ServerMessage

/** One process. */
export class Member {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { said?: (message: Said) => void; answer: (answer: unknown) => void }>()
  readonly errors: string[] = []
  #ids = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message: Record<string, unknown>) => this.#take(message))
    child.on('exit', () => {
      for (const { answer } of this.#waiting.values()) answer(undefined)
      this.#waiting.clear()
    })
  }

  static async open(database: string, environment: Readonly<Record<string, string>> = {}): Promise<Member> {
    const env = { ...process.env, HOST: inject('serverHost'), DATABASE: database, ...environment }
    const child = fork(program, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve())
      child.once('exit', (code) => reject(new Error(`A process of the cluster ended with ${code}`)))
    })
    return new Member(child)
  }

  /** Asks the process. Undefined when it dies before it answers. */
  async ask<Answer>(act: string, given: object, said?: (message: Said) => void): Promise<Answer | undefined> {
    const id = ++this.#ids
    return new Promise<Answer | undefined>((resolve) => {
      this.#waiting.set(id, { ...(said && { said }), answer: (answer) => resolve(answer as Answer | undefined) })
      if (!this.#child.connected) return resolve(undefined)
      this.#child.send({ id, act, ...given }, () => {})
    })
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal)
  }

  #take({ type, id, message, answer, error, code }: Record<string, unknown>): void {
    if (type === 'error') this.errors.push(String(code ?? message))
    const waiting = this.#waiting.get(Number(id))
    if (type === 'said') waiting?.said?.(message as Said)
    if (type !== 'answer') return
    this.#waiting.delete(Number(id))
    waiting?.answer(error === undefined ? answer : { error })
  }
}

/** A client of one run: keeps what it has, by position, and does as a gap says. */
export class Client {
  readonly user: string
  readonly runId: string
  events: RunEvent[] = []
  readonly gaps: Said[] = []
  /** What broke the order, or came twice. */
  readonly disorders: string[] = []

  constructor(user: string, runId: string) {
    this.user = user
    this.runId = runId
  }

  get isEnded(): boolean {
    return /^agent_(?:completed|failed|cancelled)$/.test(this.events.at(-1)?.type ?? '')
  }

  /** Follows the run at a process until its end, or the end of the process. */
  async followAt(member: Member): Promise<void> {
    const { epoch = 1, sequence: lastSequence = 0 } = this.events.at(-1) ?? {}
    const given = { user: this.user, runId: this.runId, epoch, lastSequence }
    await member.ask('follow', given, (message) => this.#take(message))
  }

  #take(message: Said): void {
    if (message.type === 'resume_gap') {
      this.gaps.push(message)
      if (message.reason === 'lost') this.events = this.events.filter(({ sequence }) => sequence < message.fromSequence)
    }
    if (!('sequence' in message)) return
    const last = this.events.at(-1)?.sequence ?? 0
    const from = message.fromSequence ?? message.sequence
    if (from !== last + 1) this.disorders.push(`${from} after ${last}`)
    if (this.isEnded) this.disorders.push(`${message.type} after the end`)
    this.events.push(message)
  }
}
