/**
 * Several statements in one message to the server, with one answer: the driver sends each after the answer to the one
 * before.
 */
import type { Connection, Submittable } from 'pg'

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
export type BatchStatement = { readonly text: string; readonly values?: readonly string[] }

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
  private readonly message: string | readonly BatchStatement[]
  private readonly tags: string[] = []
  private readonly rows: Row[][] = [[]]
  private settle!: (answer: BatchAnswer) => void

  /** @param timeoutMs - How long the answer may take. Default: as long as any statement of the pool. */
  constructor(message: string | readonly BatchStatement[], timeoutMs?: number) {
    this.message = message
    this.query_timeout = timeoutMs
    this.answer = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  submit(connection: Connection): void {
    const { message } = this
    const sending = connection as unknown as Sending
    if (typeof message === 'string') return sending.query(message)
    // One packet, not one for each part.
    sending.stream.cork?.()
    for (const { text, values = [] } of message) {
      sending.parse({ text })
      sending.bind({ values })
      sending.execute({})
    }
    sending.sync()
    sending.stream.uncork?.()
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
    this.settle({ tags: this.tags, rows: this.rows, error: undefined })
  }

  handleError(error: Error): void {
    this.callback?.()
    this.settle({ tags: this.tags, rows: this.rows, error })
  }

  // What a statement of ours never gives.
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}

/** The parts of a connection of the driver that its types do not have. */
type Sending = {
  readonly query: (text: string) => void
  readonly parse: (statement: { readonly text: string }) => void
  readonly bind: (given: { readonly values: readonly string[] }) => void
  readonly execute: (portal: object) => void
  readonly sync: () => void
  readonly stream: { readonly cork?: () => void; readonly uncork?: () => void }
}
