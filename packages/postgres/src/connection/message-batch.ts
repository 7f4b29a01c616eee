/**
 * Several statements in one message to the server, with one answer: the driver sends each after the answer to the one
 * before.
 */
import type { Connection, Submittable } from 'pg'
import { inOnePacket } from './one-packet.ts'
import { findNames, forgetNames, isNotPrepared } from './prepared-names.ts'

/** What the server answered: a tag for each statement that ran, and the rows of each, as text. */
export type BatchAnswer = {
  readonly tags: readonly string[]
  readonly rows: readonly (readonly Row[])[]
  /** Why the rest did not run. */
  readonly error: Error | undefined
}

/** The longest time of a timer: no limit. */
export const longestMs = 2_147_483_647

type Row = readonly (string | null)[]

/** A statement, with what stands in place of `$1` and so on. */
export type BatchStatement = {
  readonly text: string
  readonly values?: readonly string[]
  /**
   * The same, read and planned once for a connection, where the server itself answers. A name stands for one text.
   * Default: the text has no name.
   */
  readonly named?: { readonly name: string; readonly text: string } | undefined
}

/** A text of any statements without values, or statements. */
export type Message = string | readonly BatchStatement[]

/**
 * A batch that a client of the driver takes as a query. What is one text goes by the simple protocol, which costs half
 * as much for several statements. Statements with values go by the extended one: a server logs statements, also those
 * that fail, as its settings say, and a value that stands in one is logged with it.
 */
export class MessageBatch implements Submittable {
  readonly answer: Promise<BatchAnswer>
  /** The driver's name for how long the answer may take, milliseconds. */
  readonly query_timeout: number | undefined
  /** Set by the driver, which ends its timer when it is called. */
  callback: (() => void) | undefined = undefined
  private readonly message: Message
  private readonly behind: Behind | undefined
  private isSent = false
  private readonly tags: string[] = []
  private readonly rows: Row[][] = [[]]
  private settle!: (answer: BatchAnswer) => void

  /**
   * @param timeoutMs - How long the answer may take. Default: as long as any statement of the pool.
   * @param behind - What goes along in the same packet and has an answer of its own.
   */
  constructor(message: Message, timeoutMs?: number, behind?: Behind) {
    this.message = message
    this.query_timeout = timeoutMs
    this.behind = behind
    this.answer = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  submit(connection: Connection): void {
    if (this.isSent) return
    const names = findNames(connection)
    inOnePacket(connection, (gathering) => {
      this.send(gathering as unknown as Sending, names)
      this.behind?.batch.send(gathering as unknown as Sending, names)
    })
  }

  private send(sending: Sending, names: Set<string> | undefined): void {
    this.isSent = true
    const { message } = this
    if (typeof message === 'string') return sending.query(message)
    for (const { text, values = [], named } of message) {
      const kept = names && named
      if (kept === undefined) sending.parse({ text })
      else if (!names!.has(kept.name)) {
        sending.parse(kept)
        names!.add(kept.name)
      }
      sending.bind({ values, statement: kept?.name })
      sending.execute({})
    }
    sending.sync()
  }

  handleRowDescription(): void {}

  handleDataRow({ fields }: { readonly fields: Row }): void {
    this.rows.at(-1)!.push([...fields])
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.tags.push(text)
    this.rows.push([])
  }

  handleReadyForQuery(): void {
    this.callback?.()
    this.behind?.await()
    this.settle({ tags: this.tags, rows: this.rows, error: undefined })
  }

  handleError(error: Error, connection: Connection): void {
    forgetNames(connection, error)
    this.callback?.()
    this.behind?.await()
    this.settle({ tags: this.tags, rows: this.rows, error })
  }

  // What a statement of ours never gives.
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}

/** A batch that was sent, and what gives it to the client so that it gets its answer: the driver has one at a time. */
type Behind = { readonly batch: MessageBatch; readonly await: () => void }

/**
 * Sends the message that begins a transaction: again, without names, where the connection has lost them.
 *
 * @param send - Sends a message. Nothing else is sent meanwhile.
 */
export const sendFirst = async (
  first: Message,
  send: (message: Message) => Promise<BatchAnswer>,
): Promise<BatchAnswer> => {
  const answer = await send(first)
  if (!isNotPrepared(answer.error)) return answer
  await send('ROLLBACK')
  return send(first)
}

/** The parts of a connection of the driver that its types do not have. */
type Sending = {
  readonly query: (text: string) => void
  readonly parse: (statement: { readonly text: string; readonly name?: string }) => void
  readonly bind: (given: { readonly values: readonly string[]; readonly statement: string | undefined }) => void
  readonly execute: (portal: object) => void
  readonly sync: () => void
}
