/**
 * Several statements in one message to the server, with one answer: the driver sends each after the answer to the one
 * before.
 */
import type { Connection, Submittable } from 'pg'

/** A statement of the library's own, with its values as text. */
export type BatchStatement = { readonly text: string; readonly values?: readonly string[] }

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

type WireConnection = {
  readonly stream: { readonly cork: () => void; readonly uncork: () => void }
  readonly query: (text: string) => void
  readonly parse: (message: { readonly text: string; readonly name: string; readonly types: readonly number[] }) => void
  readonly bind: (message: { readonly values: readonly string[] }) => void
  readonly execute: (message: { readonly portal: string; readonly rows: number }) => void
  readonly sync: () => void
}

/**
 * A batch that a client of the driver takes as a query. Statements with values go by the extended protocol. A text goes
 * by the simple one, which costs the server half as much for many statements and takes no values.
 */
export class MessageBatch implements Submittable {
  readonly answer: Promise<BatchAnswer>
  /** In place of what the pool gives a statement: the session counts its time itself. The driver's name for it. */
  readonly query_timeout = longestMs
  /** Set by the driver, which ends its timer when it is called. */
  callback: (() => void) | undefined = undefined
  private readonly message: string | readonly BatchStatement[]
  private readonly tags: string[] = []
  private readonly rows: Row[][] = [[]]
  private settle!: (answer: BatchAnswer) => void

  constructor(message: string | readonly BatchStatement[]) {
    this.message = message
    this.answer = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as WireConnection
    if (typeof this.message === 'string') return wire.query(this.message)
    // One write for all of them.
    wire.stream.cork()
    try {
      for (const { text, values = [] } of this.message) {
        wire.parse({ text, name: '', types: [] })
        wire.bind({ values })
        wire.execute({ portal: '', rows: 0 })
      }
      wire.sync()
    } finally {
      wire.stream.uncork()
    }
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
