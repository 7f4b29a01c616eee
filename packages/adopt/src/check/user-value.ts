/**
 * Which user a literal names: an edit that leaves it as it was edits the same violation, any other one makes another.
 */
import { childAt, childrenAt, nameOf, parseSyntax, type SyntaxNode } from '../engine/syntax.ts'
import { textDigest } from '../fingerprint.ts'

const owners = '(?:current|auth)?(?:user|account|actor|principal|owner|member|customer|subject)'
const userNames = new RegExp(`^_?(?:${owners}_?(?:id|uuid|key|name|email)?|u?id|sub|auth|session)$`, 'i')

/**
 * Digest of the values that a literal gives to the fields of the user, and of what is spread into it.
 *
 * @param text of the site
 * @returns undefined where it has none, or where a key is computed
 */
export const userDigest = (text: string): string | undefined => {
  const literal = literalIn(text)
  if (!literal) return undefined
  const values: string[] = []
  for (const property of childrenAt(literal, 'properties')) {
    const value = childAt(property, 'value') ?? childAt(property, 'argument')!
    const name = property.type === 'SpreadElement' ? '...' : nameOf(childAt(property, 'key'))
    if (name === undefined || property['computed'] === true) return undefined
    if (name === '...' || userNames.test(name)) values.push(`${name}:${sourceOf(text, value)}`)
  }
  return values.length === 0 ? undefined : textDigest(values.sort().join('\n'))
}

/** Before a text that is an expression. */
const opened = '('

const sourceOf = (text: string, { start, end }: SyntaxNode): string =>
  text.slice(start - opened.length, end - opened.length)

/** The outermost literal of the text. */
const literalIn = (text: string): SyntaxNode | undefined => {
  try {
    const { program } = parseSyntax('site.ts', `${opened}${text})`)
    const [statement] = childrenAt(program as unknown as SyntaxNode, 'body')
    let node = childAt(statement, 'expression')
    while (node && node.type !== 'ObjectExpression')
      node = childAt(node, 'expression') ?? childrenAt(node, 'arguments')[0]
    return node
  } catch {
    return undefined
  }
}
