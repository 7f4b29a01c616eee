/**
 * The header by which a client says that a request is the same one again.
 */
import type { IncomingMessage } from 'node:http'
import { ContextError, type IssueKind } from 'user-execution-context'
import type { ExecuteOptions } from '../phases/golden-path.ts'
import { toStartScope } from '../phases/execution/start-key.ts'
import { idempotencyKeyLength } from '../phases/wire/client-message.ts'

/**
 * The options of a start by the key of its request: of the header `Idempotency-Key`, as text or as a quoted string of
 * structured fields (draft-ietf-httpapi-idempotency-key-header, RFC 9651), or of the body.
 *
 * @param route - The same word for all requests that start the same.
 * @param threadId - As the client said it.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_MESSAGE`.
 */
export const readStartOptions = (
  { headers }: IncomingMessage,
  route: string,
  threadId: string | undefined,
  ofBody?: string,
): Pick<ExecuteOptions, 'idempotencyKey' | 'idempotencyScope'> => {
  const header = headers['idempotency-key']
  if (header === undefined && ofBody === undefined) return {}
  const ofHeader = header === undefined ? undefined : parseKey(header)
  if (ofHeader !== undefined && ofBody !== undefined && ofHeader !== ofBody) throw invalid('does not fit')
  return { idempotencyKey: ofHeader ?? ofBody, idempotencyScope: toStartScope(route, threadId) }
}

// Node joins several lines of a header that it does not know by commas.
function parseKey(header: string | readonly string[]): string {
  const text = String(header)
  const key = /^"([\x20-\x21\x23-\x5b\x5d-\x7e]*)"$/.exec(text)?.[1] ?? text
  if (!/^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]*$/.test(key)) throw invalid('illegal character')
  if (key.length < idempotencyKeyLength.min) throw invalid('too small')
  if (key.length > idempotencyKeyLength.max) throw invalid('too long')
  return key
}

function invalid(kind: IssueKind): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_MESSAGE', { issues: [{ path: 'Idempotency-Key', kind }] })
}
