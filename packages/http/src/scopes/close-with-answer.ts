/**
 * The end of a scope whose answer is a web-standard Response.
 */

/**
 * Calls `close` when the body of the answer was read to its end, has failed or its reader has left, at once when there
 * is no body. It may be called twice.
 *
 * @param method - Of the request. The body of an answer to HEAD is cancelled: frameworks drop it, so that nobody reads
 *   it and nobody leaves it.
 * @returns The answer to send: a copy where there is a body, because the body of a Response cannot be replaced.
 */
export const closeWithAnswer = (answer: Response, method: string, close: () => void): Response => {
  const { body } = answer
  // Nothing is read ahead: a chunk is taken when it is asked for.
  if (body !== null && method !== 'HEAD')
    return new Response(new ReadableStream(new PassedOn(body.getReader(), close), { highWaterMark: 0 }), answer)
  close()
  if (body === null) return answer
  body.cancel().catch(() => {})
  return new Response(null, answer)
}

/** The body as it is. A pipe through a TransformStream costs five times as much (measured). */
class PassedOn {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #close: () => void
  constructor(reader: ReadableStreamDefaultReader<Uint8Array>, close: () => void) {
    this.#reader = reader
    this.#close = close
  }
  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const { done, value } = await this.#reader.read()
      if (!done) return controller.enqueue(value)
    } catch (error) {
      this.#close()
      throw error
    }
    this.#close()
    controller.close()
  }
  cancel(reason: unknown): Promise<void> {
    this.#close()
    return this.#reader.cancel(reason)
  }
}
