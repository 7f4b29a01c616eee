/**
 * The end of a scope whose answer is a web-standard Response.
 */

/**
 * Calls `close` when the body of the answer was read to its end or its reader has left, at once when there is no body.
 *
 * @returns The answer to send: a copy where there is a body, because the body of a Response cannot be replaced.
 */
export const closeWithAnswer = (answer: Response, close: () => void): Response => {
  if (answer.body !== null)
    return new Response(answer.body.pipeThrough(new TransformStream(new EndListener(close))), answer)
  close()
  return answer
}

/** Told about the end of a stream by both ways: it was read to its end, or its reader has left. */
class EndListener {
  readonly #close: () => void
  constructor(close: () => void) {
    this.#close = close
  }
  flush(): void {
    this.#close()
  }
  cancel(): void {
    this.#close()
  }
}
