/**
 * The type of a text that stands in the source as it is.
 */
import type { Instead } from './instead.ts'

/**
 * Text, when it is a literal or a union of literals. For every wider type (`string`, a template with a part that
 * varies, `Lowercase<string>`, a brand) a type that no value has, whose text names the fix: only those can key a record
 * that may be empty.
 *
 * The attack it stops: a reason put together from a request, which would say in the audit trail what its sender likes.
 * What is cast to `any` the compiler cannot see; `npx @user-execution-context/adopt check` reports it.
 */
export type ConstantText<Text extends string> =
  {} extends Record<Text, 1>
    ? Instead<'write the reason as one literal; put together by a template or held in a property it needs as const'>
    : Text
