/**
 * What a row of the queue holds of a job: the sealed context, and behind a space the trace that the run belongs to.
 */

/** A job as text, and the parts of one. The trace is a `traceparent` of W3C. */
export type JobParts = { readonly sealed: string; readonly traceParent: string | undefined }

/** The text of a job. A sealed context has no space, so that a job without a trace is that context alone. */
export const toJobText = ({ sealed, traceParent }: JobParts): string =>
  traceParent === undefined ? sealed : `${sealed} ${traceParent}`

/** The parts of a job. */
export const toJobParts = (text: string): JobParts => {
  const end = text.indexOf(' ')
  return end < 0
    ? { sealed: text, traceParent: undefined }
    : { sealed: text.slice(0, end), traceParent: text.slice(end + 1) }
}
