/**
 * Floor 8. The JSON body of a request, within a bound, or an error.
 */
import type { IncomingMessage } from 'node:http'
import { ContextError, type Issue } from 'user-execution-context'
import { isPlainObject } from '../phases/plain-object.ts'

/**
 * Reads a JSON object. Only `application/json` is taken: what a form of a foreign page can send is refused.
 *
 * @throws {ContextError} `ERR_CONTEXT_BODY_TOO_LARGE`, `ERR_CONTEXT_BODY_INVALID`.
 */
export const readJsonBody = async (
  request: IncomingMessage,
  maxBytes: number,
): Promise<Readonly<Record<string, unknown>>> => {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json') throw invalid({ path: 'content-type', kind: 'does not fit' })
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new ContextError('ERR_CONTEXT_BODY_TOO_LARGE')
  const bytes = await readBytes(request, maxBytes)
  const body = tryParse(bytes.toString('utf8'))
  if (!isPlainObject(body)) throw invalid({ path: '', kind: 'not JSON' })
  return body
}

/** A string field of a body. @throws {ContextError} `ERR_CONTEXT_BODY_INVALID`. */
export const readText = (body: Readonly<Record<string, unknown>>, key: string): string => {
  const value = Object.hasOwn(body, key) ? body[key] : undefined
  if (typeof value !== 'string') throw invalid({ path: key, kind: value === undefined ? 'missing' : 'not a string' })
  return value
}

// Not `for await`: leaving that loop destroys the socket, and the client would never read why.
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= maxBytes) return
      request.removeAllListeners('data')
      request.pause()
      reject(new ContextError('ERR_CONTEXT_BODY_TOO_LARGE'))
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
    // A client that goes away in the middle of its body ends no request otherwise.
    request.on('close', () => reject(new ContextError('ERR_CONTEXT_BODY_INVALID')))
  })
}

function invalid(issue: Issue): ContextError {
  return new ContextError('ERR_CONTEXT_BODY_INVALID', { issues: [issue] })
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
