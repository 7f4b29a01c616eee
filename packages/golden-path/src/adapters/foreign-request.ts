/**
 * The one thing that is taken from the message list of a foreign client: what the user said last.
 * The rest of such a request (history, state, tools, context) is the client's word, and nothing is built on it.
 */
import { ContextError, findIdIssue, type Issue, type ThreadId } from 'user-execution-context'
import { isPlainObject } from '../phases/wire/plain-object.ts'

/** A request of a foreign client, reduced to what a run needs. */
export type ForeignRunRequest = {
  /** The conversation that the client asks for: its user's own, or a new one. */
  readonly threadId: ThreadId
  /** What the user said last. Untrusted text, do not log. */
  readonly text: string
}

/**
 * Reads a request with a thread id under `idKey` and a list `messages`, whose messages hold their text under
 * `contentKey`, as a string or as a list of parts `{ type: 'text', text }`.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_REQUEST` with all issues at once.
 */
export const parseForeignRequest = (
  body: unknown,
  idKey: string,
  contentKey: 'content' | 'parts',
): ForeignRunRequest => {
  if (!isPlainObject(body)) throw invalid([{ path: '', kind: 'not a plain object' }])
  const issues: Issue[] = []
  const threadId = body[idKey]
  const idIssue = findIdIssue(threadId)
  if (idIssue !== undefined) issues.push({ path: idKey, kind: idIssue })
  const { messages } = body
  if (!Array.isArray(messages)) issues.push({ path: 'messages', kind: 'not an array' })
  const text = Array.isArray(messages) ? findLastUserText(messages, contentKey) : undefined
  if (Array.isArray(messages) && text === undefined) issues.push({ path: 'messages', kind: 'missing' })
  if (issues.length > 0 || text === undefined) throw invalid(issues)
  return { threadId: threadId as ThreadId, text }
}

function findLastUserText(messages: readonly unknown[], contentKey: string): string | undefined {
  const last = messages.findLast((message) => isPlainObject(message) && message['role'] === 'user')
  const content = isPlainObject(last) ? last[contentKey] : undefined
  if (typeof content === 'string') return content === '' ? undefined : content
  if (!Array.isArray(content)) return undefined
  const text = content
    .map((part: unknown) =>
      isPlainObject(part) && part['type'] === 'text' && typeof part['text'] === 'string' ? part['text'] : '',
    )
    .join('')
  return text === '' ? undefined : text
}

function invalid(issues: readonly Issue[]): ContextError<'ERR_CONTEXT_INVALID_REQUEST'> {
  return new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues })
}
