/**
 * Several statements in one message to the server, with one answer: the protocol lets them wait for one another there,
 * where the driver sends each after the answer to the one before.
 */
import type { Connection, Submittable } from 'pg'

/** One statement of the library's own, with its values as text. */
export type BatchStatement = { readonly text: string; readonly values?: readonly string[] }

/** What the server answered: the command tag of each statement that ran, and the rows of all of them, as text. */
export type BatchAnswer = {
  readonly tags: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
  /** Why the rest did not run. */
  readonly error: Error | undefined
}

type WireConnection = {
  readonly stream: { readonly cork: () => void; readonly uncork: () => void }
  readonly parse: (message: { readonly text: string; readonly name: string; readonly types: readonly number[] }) => void
  readonly bind: (message: { readonly values: readonly string[] }) => void
  readonly execute: (message: { readonly portal: string; readonly rows: number }) => void
  readonly sync: () => void
}

/** A batch that a client of the driver takes as a query. Each statement goes by the extended protocol. */
export class MessageBatch implements Submittable {
  readonly answer: Promise<BatchAnswer>
  private readonly statements: readonly BatchStatement[]
  private readonly tags: string[] = []
  private readonly rows: (string | null)[][] = []
  private settle!: (answer: BatchAnswer) => void

  constructor(statements: readonly BatchStatement[]) {
    this.statements = statements
    this.answer = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as WireConnection
    // One write for all of them.
    wire.stream.cork()
    try {
      for (const { text, values = [] } of this.statements) {
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

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.rows.push([...fields])
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.tags.push(text)
  }

  handleReadyForQuery(): void {
    this.settle({ tags: this.tags, rows: this.rows, error: undefined })
  }

  handleError(error: Error): void {
    this.settle({ tags: this.tags, rows: this.rows, error })
  }

  // What a statement of ours never gives.
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}
