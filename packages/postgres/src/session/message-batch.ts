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

/**
 * A batch that a client of the driver takes as a query. It goes by the simple protocol, which takes no values and costs
 * half as much for several statements.
 */
export class MessageBatch implements Submittable {
  readonly answer: Promise<BatchAnswer>
  /** In place of what the pool gives a statement: the session counts its time itself. The driver's name for it. */
  readonly query_timeout = longestMs
  /** Set by the driver, which ends its timer when it is called. */
  callback: (() => void) | undefined = undefined
  private readonly text: string
  private readonly tags: string[] = []
  private readonly rows: Row[][] = [[]]
  private settle!: (answer: BatchAnswer) => void

  constructor(text: string) {
    this.text = text
    this.answer = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  submit(connection: Connection): void {
    ;(connection as unknown as { readonly query: (text: string) => void }).query(this.text)
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
