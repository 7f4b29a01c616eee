/**
 * How this package throws for options it cannot use, in one place.
 */
import { ContextError, type Issue, type IssueKind } from 'user-execution-context'

/** The error for options with these issues. */
export const invalidOptions = (...issues: readonly Issue[]): ContextError =>
  new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })

/** The error for one option. */
export const invalidOption = (path: string, kind: IssueKind): ContextError => invalidOptions({ path, kind })

/** Throws for the issues that were found, if any. */
export const assertNoIssues = (issues: readonly Issue[]): void => {
  if (issues.length > 0) throw invalidOptions(...issues)
}
