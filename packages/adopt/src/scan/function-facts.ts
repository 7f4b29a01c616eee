/**
 * Functions as scopes: what they return, and whether they look at what they are given.
 */
import { childAt, childrenAt, type SyntaxNode } from '../engine/syntax.ts'
import { openedByReturn, spanOf, typeLeaves } from './collect-definition.ts'
import type { RawFunction, Span } from './file-facts.ts'
import { nameNodeOf } from './function-name.ts'

export type Scope = {
  readonly name: string
  readonly span: Span
  readonly pending?: { returns: Span[]; validates: boolean } | undefined
}

/** Records the function that ends here; its own name is no part of its enclosing path. */
export const functionFactOf = (
  scope: Scope,
  node: SyntaxNode,
  { text, ancestors, enclosing }: { text: string; ancestors: readonly SyntaxNode[]; enclosing: () => string },
): RawFunction | undefined => {
  const body = childAt(node, 'body')
  if (!scope.pending || !body || node['generator'] === true) return undefined
  const parent = ancestors.at(-1)
  const method =
    parent?.type === 'MethodDefinition' ||
    (parent?.type === 'Property' && parent['method'] === true) ||
    (parent?.type === 'Property' && parent['kind'] === 'get')
  if (parent?.['kind'] === 'constructor' || parent?.['kind'] === 'set') return undefined
  const key = nameNodeOf(node, parent)
  const whole = method ? parent! : node
  const returnType = childAt(node, 'returnType')
  const returns = body.type === 'BlockStatement' ? scope.pending.returns : [spanOf(body)]
  const head = childrenAt(node, 'params')
  const parameters = head.length === 0 ? '' : text.slice(head[0]!.start, head.at(-1)!.end)
  return {
    ...spanOf(whole),
    name: scope.name,
    nameSpan: spanOf(key ?? whole),
    enclosing: enclosing(),
    isCallback: scope.name === '' || !key,
    signature: `(${parameters})${returnType ? text.slice(returnType.start, returnType.end) : ''}`.replace(/\s+/g, ' '),
    returnTypes: returnType ? typeLeaves(returnType, openedByReturn) : undefined,
    returns,
    validates: scope.pending.validates,
  }
}

export const markValidation = (scopes: readonly Scope[], text = '', callee?: SyntaxNode): void => {
  // JSON.parse reads; it does not judge.
  if (callee && text.slice(callee.start, callee.end) === 'JSON.parse') return
  const pending = scopes.findLast((scope) => scope.pending)?.pending
  if (pending) pending.validates = true
}
