/**
 * Where an `any` comes from, in words a person can act on. Syntax only: the nearest binding of the name and what it
 * holds.
 */
import type { FileFacts, RawBinding, Span } from './file-facts.ts'

/** `JSON.parse`, `request body`, `parameter NAME`, `caught error`, or `other`. */
export const originOf = (facts: FileFacts, text: string, span: Span): string => originOfText(facts, text, span, 0)

const originOfText = (facts: FileFacts, text: string, span: Span, depth: number): string => {
  const source = text.slice(span.start, span.end).replace(/^\s*await\s+/, '')
  if (/^JSON\s*\.\s*parse\s*\(/.test(source)) return 'JSON.parse'
  if (/\.json\s*\(\s*\)$/.test(source)) return 'response body'
  if (/(^|\.|\?)(body|query|params|headers|cookies|payload)\b[^(]*$/.test(source) && /^[\w$.?![\]'"]+$/.test(source))
    return 'request body'
  const root = /^[\p{ID_Start}_$][\p{ID_Continue}$]*/u.exec(source)?.[0]
  const binding = root === undefined ? undefined : nearestBinding(facts.bindings, root, span)
  if (binding?.form === 'parameter') return `parameter ${binding.name}`
  if (binding?.form === 'catch') return 'caught error'
  if (binding?.value && depth < 8 && binding.value.end <= span.start)
    return originOfText(facts, text, binding.value, depth + 1)
  return 'other'
}

/** The binding of the innermost scope that holds the place. */
export const nearestBinding = (
  bindings: readonly RawBinding[],
  name: string,
  { start }: Span,
): RawBinding | undefined => {
  let best: RawBinding | undefined
  for (const binding of bindings) {
    if (binding.name !== name || binding.scope.start > start || binding.scope.end < start) continue
    if (!best || binding.scope.start >= best.scope.start) best = binding
  }
  return best
}
