/**
 * The one thing that is taken from the message list of a foreign client: what the user said last.
 * The rest of such a request (history, state, tools, context) is the client's word, and nothing is built on it.
 */
import { ContextError, findIdIssue, toIssuePath, type Issue, type ThreadId } from 'user-execution-context'
import { isPlainObject } from '../phases/wire/plain-object.ts'

/** A request of a foreign client, reduced to what a run needs. */
export type ForeignRunRequest = {
  /** The conversation that the client names: its user's own, or a new one. */
  readonly threadId: ThreadId
  /** What the user said last. Untrusted text, do not log. */
  readonly text: string
}

/**
 * Reads a request with a thread id under `idKey` and a list `messages`, whose messages hold their text under
 * `contentKey`, as a string or as a list of parts `{ type: 'text', text }`. Only a message of the user starts a run:
 * a conversation that ends in any other is refused, and so is a part of the last user message that is no text, each by
 * its path.
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
  const text = Array.isArray(messages) ? findLastUserText(messages, contentKey, issues) : undefined
  if (issues.length > 0 || text === undefined) throw invalid(issues)
  return { threadId: threadId as ThreadId, text }
}

function findLastUserText(messages: readonly unknown[], contentKey: string, issues: Issue[]): string | undefined {
  const roles = messages.map((message) => (isPlainObject(message) ? message['role'] : undefined))
  const position = roles.lastIndexOf('user')
  const path = toIssuePath('messages', position)
  // What the user said last has been answered, or is being answered, in whatever role: it would run a second time.
  if (position >= 0 && position < messages.length - 1)
    issues.push({ path: `${toIssuePath('messages', position + 1)}.role`, kind: 'does not fit' })
  const text = findText((messages[position] as Record<string, unknown> | undefined)?.[contentKey])
  if (text === undefined) issues.push({ path: 'messages', kind: 'missing' })
  return text

  function findText(content: unknown): string | undefined {
    if (typeof content === 'string') return content === '' ? undefined : content
    if (!Array.isArray(content)) return undefined
    const texts = content.map((part: unknown, index) => {
      if (isPlainObject(part) && part['type'] === 'text' && typeof part['text'] === 'string') return part['text']
      // A file that an agent never sees would pass for one that it has seen.
      issues.push({ path: toIssuePath(toIssuePath(path, contentKey), index), kind: 'does not fit' })
      return ''
    })
    return texts.join('') === '' ? undefined : texts.join('')
  }
}

function invalid(issues: readonly Issue[]): ContextError<'ERR_CONTEXT_INVALID_REQUEST'> {
  return new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues })
}
