/**
 * What a tracer may know of a context.
 */
import type { Actor } from '../facts/actor.ts'
import { assertUserExecutionContext, type UserExecutionContext } from './user-execution-context.ts'

/** Attributes of an OpenTelemetry span: flat, small, without personal data. */
export type SpanAttributes = { readonly [key: string]: string | number }

/**
 * The attributes of a span that does the work of a context: thread, run, step, and who acts. No user id, no session id,
 * no permission, no metadata, no person's name.
 *
 * @param context - From createForUser() or deriveChild().
 * @returns A new plain object, at most 12 attributes.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`.
 * @example
 * ```ts
 * import { toSpanAttributes, type UserExecutionContext } from 'user-execution-context'
 *
 * type Span = { setAttributes(attributes: object): unknown }
 * export const trace = (context: UserExecutionContext, span: Span) => span.setAttributes(toSpanAttributes(context))
 * ```
 */
export const toSpanAttributes: (context: UserExecutionContext) => SpanAttributes = (context) => {
  assertUserExecutionContext(context)
  const { tenantId, parentRequestId, identity, actors } = context
  return {
    'uec.thread_id': context.threadId,
    'uec.run_id': context.runId,
    'uec.request_id': context.requestId,
    ...(parentRequestId !== undefined && { 'uec.parent_request_id': parentRequestId }),
    'uec.operation': context.operation,
    'uec.depth': context.depth,
    ...(tenantId !== undefined && { 'uec.tenant_id': tenantId }),
    'uec.identity.provider': identity.provider,
    ...(identity.origin !== undefined && { 'uec.identity.origin': identity.origin.provider }),
    'uec.identity.kind': identity.kind,
    ...(actors.length > 0 && {
      'uec.actor.kind': actors[0]!.kind,
      'uec.actors': actors.map(toText).join(' '),
    }),
  }
}

/** What code declared grants nothing, so it is told apart from what a provider verified. */
function toText({ kind, name, source }: Actor): string {
  return kind === 'person' ? `${source}:${kind}` : `${source}:${kind}:${name}`
}
