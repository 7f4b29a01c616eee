/**
 * What other files can see of a file: its text without comments and the bodies of functions whose result is written
 * down. As long as
 * it stays the same, a change inside such a body changes no answer about the files that import it.
 */
import { hash } from 'node:crypto'
import { childAt, childrenAt, type SyntaxNode } from '../engine/syntax.ts'
import type { Span } from './file-facts.ts'

/** SHA-256 in hex. In JavaScript a body may declare members, so nothing is left out there. */
export const toShapeDigest = (file: string, text: string, program: SyntaxNode, comments: readonly Span[]): string => {
  const isScript = /\.[cm]?jsx?$/.test(file)
  const bodies = isScript ? [] : childrenAt(program, 'body').flatMap(hiddenIn)
  const words = isScript ? [] : comments.filter(({ start }) => !text.startsWith('///', start))
  let shape = ''
  let copied = 0
  for (const { start, end } of [...bodies, ...words].sort((a, b) => a.start - b.start)) {
    if (start < copied) continue
    shape += text.slice(copied, start).trimEnd()
    copied = end
  }
  return hash('sha256', shape + text.slice(copied).trimEnd(), 'hex')
}

/** Bodies in order. A constructor's is not among them: it may give fields their types. */
const hiddenIn = (node: SyntaxNode): Span[] => {
  switch (node.type) {
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration': {
      const declaration = childAt(node, 'declaration')
      return declaration ? hiddenIn(declaration) : []
    }
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression': {
      const body = childAt(node, 'body')
      return childAt(node, 'returnType') && body?.type === 'BlockStatement' ? [body] : []
    }
    case 'VariableDeclaration':
      return childrenAt(node, 'declarations').flatMap((one) => {
        const value = childAt(one, 'init')
        return value ? hiddenIn(value) : []
      })
    case 'ClassDeclaration':
      return childrenAt(childAt(node, 'body'), 'body').flatMap((member) => {
        const value = member.type === 'MethodDefinition' ? childAt(member, 'value') : undefined
        return value ? hiddenIn(value) : []
      })
    default:
      return []
  }
}
