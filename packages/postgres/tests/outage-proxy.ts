// The network between one process and the database: a socket in a directory of its own that can be cut.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const name = '.s.PGSQL.5432'

/** Passes on what a process and the database say, until it is told not to. */
export class OutageProxy {
  /** What a process takes for the host of the database. */
  readonly host = mkdtempSync(join(tmpdir(), 'uec-cut-'))
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  readonly #server: Server
  #isCut = false

  constructor(target: string) {
    // Half open: a network that forgot a connection answers no goodbye either.
    this.#server = createServer({ allowHalfOpen: true }, (near) => {
      if (this.#isCut) return void near.destroy()
      const far = connect(join(target, name))
      const pair = [near, far] as const
      this.#pairs.add(pair)
      for (const [one, other] of [pair, [far, near]] as const) {
        one.on('error', () => {})
        one.on('close', () => {
          other.destroy()
          this.#pairs.delete(pair)
        })
        one.pipe(other)
      }
    })
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(join(this.host, name), resolve))
  }

  /** Ends all connections, and takes none until heal(). */
  cut(): void {
    this.#isCut = true
    for (const [near, far] of this.#pairs) {
      near.destroy()
      far.destroy()
    }
  }

  heal(): void {
    this.#isCut = false
  }

  /** Leaves the connections as they are and passes nothing on, ever: as after a firewall forgot them. New ones work. */
  forget(): void {
    for (const [near, far] of this.#pairs) {
      near.unpipe(far)
      far.unpipe(near)
      near.resume()
      far.resume()
    }
  }

  close(): void {
    this.cut()
    this.#server.close()
    rmSync(this.host, { recursive: true, force: true })
  }
}
