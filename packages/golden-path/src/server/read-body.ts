/**
 * The JSON body of a request, within a bound, or an error.
 */
import type { IncomingMessage } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ContextError, type Issue } from 'user-execution-context'
import { isPlainObject } from '../phases/wire/plain-object.ts'

/**
 * Reads a JSON object. Only `application/json` is taken: what a form of a foreign page can send is refused.
 *
 * A body that an app has read already, such as by `express.json()`, is taken from the property `body` of the request,
 * where such parsers leave it.
 *
 * @param timeMs - How long the body may take to arrive, so that the bound holds in a server whose bounds are an app's.
 * @throws {ContextError} `ERR_CONTEXT_BODY_TOO_LARGE`, `ERR_CONTEXT_BODY_INVALID`, `ERR_CONTEXT_SCOPE_TIMEOUT`.
 */
export const readJsonBody = async (
  request: IncomingMessage,
  maxBytes: number,
  timeMs: number,
): Promise<Readonly<Record<string, unknown>>> => {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json') throw invalid({ path: 'content-type', kind: 'does not fit' })
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new ContextError('ERR_CONTEXT_BODY_TOO_LARGE')
  // Node reads the body that came with the headers when this turn is over.
  if (!request.complete) await nextTurn()
  const body = request.readableEnded
    ? readParsedBody(request, maxBytes)
    : tryParse(takeArrived(request, maxBytes) ?? (await readBytes(request, maxBytes, timeMs)))
  if (!isPlainObject(body)) throw invalid({ path: '', kind: 'not JSON' })
  return body
}

/** A string field of a body. @throws {ContextError} `ERR_CONTEXT_BODY_INVALID`. */
export const readText = (body: Readonly<Record<string, unknown>>, key: string): string => {
  const value = Object.hasOwn(body, key) ? body[key] : undefined
  if (typeof value !== 'string') throw invalid({ path: key, kind: value === undefined ? 'missing' : 'not a string' })
  return value
}

// Most bodies have arrived whole by now: waiting for one, with a bound on the time, costs more than all else about it.
function takeArrived(request: IncomingMessage, maxBytes: number): string | Buffer | undefined {
  // Where somebody of the app hears it too, it comes piece by piece.
  if (!request.complete || request.readableFlowing !== null) return undefined
  const body = (request.read() as string | Buffer | null) ?? ''
  if (Buffer.byteLength(body) > maxBytes) throw new ContextError('ERR_CONTEXT_BODY_TOO_LARGE')
  return body
}

// Not `for await`: leaving that loop destroys the socket, and the client would never read the answer.
function readBytes(request: IncomingMessage, maxBytes: number, timeMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const stop = (error: unknown): void => {
      clearTimeout(timer)
      request.removeAllListeners('data')
      request.pause()
      reject(error)
    }
    const timer = setTimeout(() => stop(new ContextError('ERR_CONTEXT_SCOPE_TIMEOUT')), timeMs)
    request.on('data', (chunk: string | Buffer) => {
      // A string where the app has called setEncoding().
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      size += bytes.length
      chunks.push(bytes)
      if (size > maxBytes) stop(new ContextError('ERR_CONTEXT_BODY_TOO_LARGE'))
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    // A client that goes away in the middle of its body is no fault of the server.
    request.on('error', (cause) => stop(new ContextError('ERR_CONTEXT_BODY_INVALID', { cause })))
    request.on('close', () => {
      clearTimeout(timer)
      // It follows every end. An error that nobody gets would cost as much as the rest of reading one.
      if (!request.readableEnded) stop(new ContextError('ERR_CONTEXT_BODY_INVALID'))
    })
  })
}

function readParsedBody(request: IncomingMessage, maxBytes: number): unknown {
  const { body } = request as { readonly body?: unknown }
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return body
  if (Buffer.byteLength(body) > maxBytes) throw new ContextError('ERR_CONTEXT_BODY_TOO_LARGE')
  return tryParse(body)
}

function invalid(issue: Issue): ContextError {
  return new ContextError('ERR_CONTEXT_BODY_INVALID', { issues: [issue] })
}

function tryParse(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch {
    return undefined
  }
}
