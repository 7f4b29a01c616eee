/**
 * What an idempotency key of a client names: one start of its user.
 */
import { createHash } from 'node:crypto'
import { ContextError, encodeKey, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import type { ExecuteOptions } from '../golden-path.ts'
import type { AgentInput } from '../ports/agent.ts'
import type { StartKey } from '../ports/start-key-store.ts'
import { idempotencyKeyLength } from '../wire/client-message.ts'

/**
 * The key of a start: without a scope one of its user. A thread that was made for this start would make another key of
 * each try.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 */
export const toStartKey = (
  context: UserExecutionContext,
  input: AgentInput,
  { idempotencyKey: key, idempotencyScope: scope = '' }: ExecuteOptions,
): StartKey => {
  assertText('idempotencyKey', key, idempotencyKeyLength.min)
  assertText('idempotencyScope', scope, 0)
  const ownerKey = toOwnerKey(context)
  return { ownerKey, digest: toDigest(encodeKey([ownerKey, scope, key])), inputDigest: toDigest(input.text) }
}

/**
 * What the key of a client is unique in: the route, and the thread if the client names one. The WebSocket and
 * `POST /runs` are one route: a client that changes from one to the other has made one start.
 */
export const toStartScope = (route: string, threadId: string | undefined): string =>
  encodeKey(threadId === undefined ? [route] : [route, threadId])

function assertText(path: string, value: unknown, minLength: number): asserts value is string {
  const { max } = idempotencyKeyLength
  const kind =
    typeof value !== 'string'
      ? 'not a string'
      : value.length < minLength
        ? 'too small'
        : minLength > 0 && value.length > max
          ? 'too long'
          : undefined
  if (kind !== undefined) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path, kind }] })
}

function toDigest(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest('base64')
}
