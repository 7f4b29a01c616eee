/**
 * Checks what starts a run.
 */
import { ContextError, type IssueKind } from 'user-execution-context'
import { isPlainObject } from '../wire/plain-object.ts'
import type { AgentInput } from '../ports/agent.ts'
import type { Limits } from '../limits.ts'

/** A frozen copy of the input. @throws {ContextError} `ERR_CONTEXT_INVALID_INPUT`. */
export const parseInput = (input: unknown, limits: Limits): AgentInput => {
  if (!isPlainObject(input)) throw invalid('', 'not a plain object')
  const { text } = input
  if (typeof text !== 'string') throw invalid('text', text === undefined ? 'missing' : 'not a string')
  if (text === '') throw invalid('text', 'empty')
  if (text.length > limits.inputCharacters) throw invalid('text', 'too long')
  return Object.freeze({ text })
}

function invalid(path: string, kind: IssueKind): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_INPUT', { issues: [{ path, kind }] })
}
