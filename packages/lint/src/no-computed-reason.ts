/**
 * Rule no-computed-reason: the reason of vouchForUser() and of `outlivesIdentity` is a text of the source, so that
 * somebody can list why users are vouched for. The compiler holds TypeScript to it; this holds JavaScript.
 */
import { bindsName, unwrapped } from './bound-type.ts'
import { isContextModule } from './context-names.ts'
import { keyNameOf, memberNameOf, nodeAt, nodesAt, wordOf, type LintNode, type Rule } from './rule.ts'

const restrictedEntry = 'user-execution-context/restricted'

/** Refuses a reason that is put together from anything but texts of the source. */
export const noComputedReason: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'The reason of a vouched or exempted user is a constant of the source.' },
    messages: {
      computed:
        'This reason is computed, so that nobody can list why, and a client may choose it. Write the reason as a ' +
        'text in the code, one for each place.',
    },
    schema: [],
  },
  create: (context) => {
    const names = new Set<string>()
    const read = (given: LintNode | undefined): void => {
      const holder = unwrapped(given)
      if (holder?.type !== 'ObjectExpression') return
      for (const property of nodesAt(holder, 'properties')) {
        const value = nodeAt(property, 'value')
        if (isNamed(property, 'reason') && value !== undefined && !isConstant(value))
          context.report({ node: value, messageId: 'computed' })
      }
    }
    return {
      ImportDeclaration: (node) => {
        if (!isContextModule(wordOf(nodeAt(node, 'source')) ?? '', [restrictedEntry])) return
        for (const specifier of nodesAt(node, 'specifiers'))
          if (wordOf(nodeAt(specifier, 'imported')) === 'vouchForUser') names.add(wordOf(nodeAt(specifier, 'local'))!)
      },
      CallExpression: (node) => {
        const callee = nodeAt(node, 'callee')
        const isMember = callee?.type === 'MemberExpression'
        const name = isMember ? memberNameOf(callee) : wordOf(callee)
        const isVouching = name === 'vouchForUser' || (!isMember && names.has(name ?? ''))
        if (isVouching) read(nodesAt(node, 'arguments')[1])
      },
      Property: (node) => {
        if (isNamed(node, 'outlivesIdentity')) read(nodeAt(node, 'value'))
      },
    }
  },
}

function isNamed(property: LintNode, name: string): boolean {
  return property.type === 'Property' && keyNameOf(property) === name
}

/** A text that stands in the code, or a name that is bound to one, once. Of names in a circle none is. */
function isConstant(node: LintNode, seen: readonly LintNode[] = []): boolean {
  const isConstantAt = (field: string): boolean => isConstantPart(node, field, seen)
  switch (node.type) {
    case 'Literal':
      return true
    case 'TemplateLiteral':
      return nodesAt(node, 'expressions').every((part) => isConstant(part, seen))
    case 'BinaryExpression':
      return isConstantAt('left') && isConstantAt('right')
    case 'ConditionalExpression':
      return isConstantAt('consequent') && isConstantAt('alternate')
    case 'TSAsExpression':
    case 'TSTypeAssertion':
    case 'TSSatisfiesExpression':
      return isConstantAt('expression')
    case 'Identifier':
      return !seen.includes(node) && isBoundToConstant(node, wordOf(node)!, [...seen, node])
    case 'MemberExpression':
      // A member of a table of texts, such as an enumeration.
      return memberNameOf(node) !== undefined && isTable(nodeAt(node, 'object'), seen)
    default:
      return false
  }
}

/** An enumeration or a class by its capital letter; a literal of constant texts that a `const` names. */
function isTable(node: LintNode | undefined, seen: readonly LintNode[]): boolean {
  if (node?.type !== 'Identifier' || seen.includes(node)) return false
  const table = wordOf(node)!
  if (/^[A-Z]/.test(table)) return true
  const bound = findConst(node, table)
  const literal = bound === 'import' ? undefined : unwrapped(bound)
  return (
    literal?.type === 'ObjectExpression' &&
    nodesAt(literal, 'properties').every((property) => isConstantPart(property, 'value', [...seen, node]))
  )
}

function isConstantPart(node: LintNode, field: string, seen: readonly LintNode[]): boolean {
  const part = nodeAt(node, field)
  return part !== undefined && isConstant(part, seen)
}

/** One that is imported is looked at where it is written. */
function isBoundToConstant(from: LintNode, name: string, seen: readonly LintNode[]): boolean {
  const bound = findConst(from, name)
  return bound === 'import' || (bound !== undefined && isConstant(bound, seen))
}

/** What the nearest `const` of a name is; undefined where a parameter or a variable has the name. */
function findConst(from: LintNode, name: string): LintNode | 'import' | undefined {
  for (let node = nodeAt(from, 'parent'); node !== undefined; node = nodeAt(node, 'parent')) {
    if (nodesAt(node, 'params').some((parameter) => bindsName(parameter, name))) return undefined
    for (const statement of nodesAt(node, 'body')) {
      if (statement.type === 'ImportDeclaration') {
        if (nodesAt(statement, 'specifiers').some((one) => wordOf(nodeAt(one, 'local')) === name)) return 'import'
        continue
      }
      const declaration = nodeAt(statement, 'declaration') ?? statement
      for (const bound of nodesAt(declaration, 'declarations'))
        if (bindsName(nodeAt(bound, 'id'), name))
          return declaration['kind'] === 'const' && nodeAt(bound, 'id')?.type === 'Identifier'
            ? nodeAt(bound, 'init')
            : undefined
    }
  }
  return undefined
}
