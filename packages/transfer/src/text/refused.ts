/**
 * How this package throws for options that it cannot use and for texts that it refuses, in one place.
 */
import { ContextError, type ContextErrorCode, type Issue, type IssueKind } from 'user-execution-context'

/** The error for options with these issues. */
export const invalidOptions = (...issues: readonly Issue[]): ContextError =>
  new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })

/** The error for one option. */
export const invalidOption = (path: string, kind: IssueKind): ContextError => invalidOptions({ path, kind })

/** The error for a text that is refused: which of the reasons of its code it is. Clients are told none of them. */
export const refusedText = (code: ContextErrorCode, path: string, kind: IssueKind): ContextError =>
  new ContextError(code, { issues: [{ path, kind }] })

/** Throws for the issues that were found, if any. */
export const assertNoIssues = (issues: readonly Issue[]): void => {
  if (issues.length > 0) throw invalidOptions(...issues)
}
