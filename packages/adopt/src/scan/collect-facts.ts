/**
 * Walks one file's syntax tree once and collects every candidate that a question may be asked about.
 */
import { childAt, childrenAt, type Oxc, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { bindingsOf } from './binding-facts.ts'
import { collectDefinition, openedByReturn, spanOf, typeLeaves } from './collect-definition.ts'
import type { FileFacts, RawFlow, Span } from './file-facts.ts'
import { functionName, nameNodeOf, nameOfHolder } from './function-name.ts'
import { isGenerated } from './generated-code.ts'
import { exportsOf, importsOf } from './module-facts.ts'
import { positionOf } from './position-of.ts'
import { toCast, toFlow, toLiteral } from './value-facts.ts'

type Mutable = {
  -readonly [Key in keyof FileFacts]: FileFacts[Key] extends readonly (infer Item)[] ? Item[] : FileFacts[Key]
}
type Scope = {
  readonly name: string
  readonly span: Span
  readonly pending?: { returns: Span[]; validates: boolean } | undefined
}

/** What the walk carries from node to node. */
type Walk = {
  readonly text: string
  readonly facts: Mutable
  readonly ancestors: SyntaxNode[]
  readonly scopes: Scope[]
  readonly enclosing: () => string
}

/** What syntax can answer alone needs half of the facts: definitions, imports, `new` and casts. */
export type Depth = 'all' | 'fast'

/** Collects the facts of one parsed file. */
export const collectFacts = (
  oxc: Oxc,
  file: string,
  text: string,
  program: SyntaxNode,
  depth: Depth = 'all',
): FileFacts => {
  const facts: Mutable = {
    file,
    isGenerated: isGenerated(file, text),
    imports: [],
    exports: [],
    definitions: [],
    functions: [],
    classes: [],
    news: [],
    casts: [],
    literals: [],
    flows: [],
    calls: [],
    bindings: [],
  }
  const scopes: Scope[] = [{ name: '', span: spanOf(program) }]
  const enclosing = (): string =>
    scopes
      .map(({ name }) => name)
      .filter((name) => name !== '')
      .join('.')
  const walk: Walk = { text, facts, ancestors: [], scopes, enclosing }
  const visit = (node: SyntaxNode): void => {
    if (typeOnly.has(node.type)) return
    const isAsked = depth === 'all' || fastTypes.has(node.type)
    const scope = isAsked ? enter(node, walk) : undefined
    if (scope) scopes.push(scope)
    walk.ancestors.push(node)
    for (const key of oxc.visitorKeys[node.type] ?? []) {
      const value = node[key]
      if (Array.isArray(value)) value.filter(Boolean).forEach((child) => visit(child))
      else if (value) visit(value as SyntaxNode)
    }
    walk.ancestors.pop()
    if (!scope) return
    scopes.pop()
    if (depth === 'all') leave(scope, node, walk)
  }
  visit(program)
  return facts
}

/** Nothing inside them is a value, so nothing inside them is a site. */
const typeOnly: ReadonlySet<string> = new Set([
  'TSTypeAnnotation',
  'TSTypeParameterInstantiation',
  'TSTypeParameterDeclaration',
  'TSInterfaceBody',
  'ImportSpecifier',
  'ExportSpecifier',
])

const fastTypes: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ExportDefaultDeclaration',
  'TSExportAssignment',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'ClassDeclaration',
  'ClassExpression',
  'TSModuleDeclaration',
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'NewExpression',
  'TSAsExpression',
  'TSTypeAssertion',
])

const enter = (node: SyntaxNode, { text, facts, ancestors, scopes, enclosing }: Walk): Scope | undefined => {
  const parent = ancestors.at(-1)
  const flow = (form: RawFlow['form']): void => {
    const found = toFlow(node, form, ancestors, enclosing)
    if (found) facts.flows.push(found)
  }
  switch (node.type) {
    case 'ImportDeclaration':
      facts.imports.push(...importsOf(node))
      return undefined
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportDefaultDeclaration':
    case 'TSExportAssignment':
      facts.exports.push(...exportsOf(node))
      return undefined
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'ClassDeclaration':
    case 'ClassExpression': {
      const exported = parent?.type.startsWith('Export') ?? false
      const definition = collectDefinition(node, text, enclosing(), exported)
      if (definition) facts.definitions.push(definition)
      if (!node.type.startsWith('Class')) return undefined
      const name = nameOf(childAt(node, 'id')) ?? nameOfHolder(parent) ?? ''
      facts.classes.push({ ...spanOf(node), name })
      return { name, span: spanOf(node) }
    }
    case 'TSModuleDeclaration':
      return { name: nameOf(childAt(node, 'id')) ?? '', span: spanOf(node) }
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      facts.bindings.push(
        ...childrenAt(node, 'params').flatMap((parameter) => bindingsOf(parameter, spanOf(node), 'parameter')),
      )
      return { name: functionName(node, parent) ?? '', span: spanOf(node), pending: { returns: [], validates: false } }
    case 'VariableDeclarator':
      facts.bindings.push(...bindingsOf(childAt(node, 'id'), scopes.at(-1)!.span, 'variable', childAt(node, 'init')))
      return undefined
    case 'CatchClause':
      facts.bindings.push(...bindingsOf(childAt(node, 'param'), spanOf(node), 'catch'))
      return undefined
    case 'ThrowStatement':
      markValidation(scopes)
      return undefined
    case 'ReturnStatement': {
      const argument = childAt(node, 'argument')
      if (argument) scopes.findLast(({ pending }) => pending)?.pending?.returns.push(spanOf(argument))
      return undefined
    }
    case 'NewExpression': {
      const callee = childAt(node, 'callee')!
      facts.news.push({
        ...spanOf(node),
        callee: spanOf(callee),
        calleeName: nameOf(callee),
        qualifier: nameOf(childAt(callee, 'object')),
        enclosing: enclosing(),
        placed: positionOf(node, ancestors),
      })
      return undefined
    }
    case 'TSAsExpression':
    case 'TSTypeAssertion': {
      const cast = toCast(node, enclosing())
      if (cast) facts.casts.push(cast)
      return undefined
    }
    case 'ObjectExpression':
      facts.literals.push(toLiteral(node, positionOf(node, ancestors), enclosing()))
      return undefined
    case 'CallExpression': {
      const callee = childAt(node, 'callee')
      const name = nameOf(callee)
      const nameNode = callee?.type === 'MemberExpression' ? childAt(callee, 'property') : callee
      if (name !== undefined && nameNode) {
        facts.calls.push({ name, nameSpan: spanOf(nameNode) })
        if (
          /^(assert|validate|check|ensure|require|parse|safeParse|verify|invariant|guard)/i.test(name) &&
          callee?.type !== 'Super'
        )
          markValidation(scopes, text, callee)
      }
      flow('call')
      return undefined
    }
    case 'MemberExpression':
      flow('member')
      return undefined
    case 'Identifier':
      if (parent && parent.type !== 'MemberExpression') flow('name')
      return undefined
    case 'TaggedTemplateExpression':
    case 'AwaitExpression':
      flow('other')
      return undefined
    default:
      return undefined
  }
}

/** Records the function that ends here; its own name is no part of its enclosing path. */
const leave = (scope: Scope, node: SyntaxNode, { text, facts, ancestors, enclosing }: Walk): void => {
  const body = childAt(node, 'body')
  if (!scope.pending || !body || node['generator'] === true) return
  const parent = ancestors.at(-1)
  const method =
    parent?.type === 'MethodDefinition' ||
    (parent?.type === 'Property' && parent['method'] === true) ||
    (parent?.type === 'Property' && parent['kind'] === 'get')
  if (parent?.['kind'] === 'constructor' || parent?.['kind'] === 'set') return
  const key = nameNodeOf(node, parent)
  const whole = method ? parent! : node
  const returnType = childAt(node, 'returnType')
  const returns = body.type === 'BlockStatement' ? scope.pending.returns : [spanOf(body)]
  const head = childrenAt(node, 'params')
  const parameters = head.length === 0 ? '' : text.slice(head[0]!.start, head.at(-1)!.end)
  facts.functions.push({
    ...spanOf(whole),
    name: scope.name,
    nameSpan: spanOf(key ?? whole),
    enclosing: enclosing(),
    isCallback: scope.name === '' || !key,
    signature: `(${parameters})${returnType ? text.slice(returnType.start, returnType.end) : ''}`.replace(/\s+/g, ' '),
    returnTypes: returnType ? typeLeaves(returnType, openedByReturn) : undefined,
    returns,
    validates: scope.pending.validates,
  })
}

const markValidation = (scopes: readonly Scope[], text = '', callee?: SyntaxNode): void => {
  // JSON.parse reads; it does not judge.
  if (callee && text.slice(callee.start, callee.end) === 'JSON.parse') return
  const pending = scopes.findLast((scope) => scope.pending)?.pending
  if (pending) pending.validates = true
}
