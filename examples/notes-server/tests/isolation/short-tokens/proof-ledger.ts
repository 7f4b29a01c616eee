/**
 * What a simulation knows of the proofs that it has handed out, apart from the server, and what the server wrote after
 * each of them had ended.
 */

/** Whose proof it is. */
export type ProofOwner = { readonly userId: string; readonly tenantId: string; readonly sessionId: string }
/** One token: when it ends, and whether the server may write nothing more for it. */
export type Proof = ProofOwner & { endsAtMs: number; isOver: boolean }
/** What the server writes to: a socket or a stream, and the proof that it has now. */
export type Wire = { proof: Proof; next: { readonly proof: Proof; readonly isDemoted: boolean } | undefined }

/** How late the server may notice an expiry (documented: 250 ms), and the step of the clock. */
const noticedAfterMs = 260

/** One per simulation. Times are those of the server's clock: both live in one process. */
export class ProofLedger {
  readonly faults: string[] = []
  /** Frames written at all, and those after the expiry of a proof and before the server had to notice it. */
  readonly counts = { frames: 0, lateFrames: 0, latestMs: 0, ends: 0, renewals: 0 }
  readonly #proofs = new Map<string, Proof>()
  /** Sockets, by each of their tokens. */
  readonly #wires = new Map<string, Wire>()

  /** Files a token that was issued. */
  add(token: string, owner: ProofOwner, endsAtMs: number): void {
    const proof = { ...owner, endsAtMs, isOver: false }
    this.#proofs.set(token, proof)
    this.#watch(proof)
  }

  /** A socket, or a stream, that the server opens for a token; none for a token that is not known. */
  openWire(token: string, isSocket: boolean): Wire | undefined {
    const proof = this.#proofs.get(token)
    if (proof === undefined) return undefined
    const wire = { proof, next: undefined }
    if (isSocket) this.#wires.set(token, wire)
    return wire
  }

  /** The client of a wire is about to send a newer token over it. */
  expectRenewal(token: string, nextToken: string, isDemoted: boolean): void {
    const wire = this.#wires.get(token)
    if (wire === undefined) return
    wire.next = { proof: this.#proofs.get(nextToken)!, isDemoted }
    this.#wires.set(nextToken, wire)
  }

  /** From now on nothing may be written for these proofs. */
  endWhere(fits: (owner: ProofOwner) => boolean): void {
    for (const proof of this.#proofs.values()) if (!proof.isOver && fits(proof)) this.#end(proof)
  }

  /** The proof of a token. */
  find(token: string): Proof | undefined {
    return this.#proofs.get(token)
  }

  /** The server hands text to a socket. */
  wrote(wire: Wire, text: string): void {
    const { proof, next } = wire
    this.counts.frames++
    if (proof.isOver) this.faults.push(`written ${Date.now() - proof.endsAtMs} ms after the end: ${text.slice(0, 160)}`)
    const lateMs = Date.now() - proof.endsAtMs
    if (lateMs > 0) {
      this.counts.lateFrames++
      this.counts.latestMs = Math.max(this.counts.latestMs, lateMs)
    }
    if (next === undefined || !text.includes('"type":"token_renewed"')) return
    wire.next = undefined
    if (next.isDemoted) return void this.faults.push('a token with fewer rights renewed a proof')
    // As sessions.renew(): what was begun with the old one lasts as long as the new one.
    proof.endsAtMs = Math.max(proof.endsAtMs, next.proof.endsAtMs)
    wire.proof = next.proof
    this.counts.renewals++
  }

  #watch(proof: Proof): void {
    setTimeout(
      () => {
        if (proof.isOver) return
        if (Date.now() < proof.endsAtMs + noticedAfterMs) this.#watch(proof)
        else this.#end(proof)
      },
      proof.endsAtMs + noticedAfterMs - Date.now(),
    ).unref()
  }

  #end(proof: Proof): void {
    proof.isOver = true
    // For the report: what is written afterwards is so late.
    proof.endsAtMs = Math.min(proof.endsAtMs, Date.now())
    this.counts.ends++
  }
}
