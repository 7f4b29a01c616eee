/**
 * Walks one file's syntax tree once and collects every candidate that a question may be asked about.
 * Beside the floors.
 */
import { childAt, childrenAt, type Oxc, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { collectDefinition, openedByCast, openedByReturn, spanOf, typeLeaves } from './collect-definition.ts'
import type { FileFacts, ImportFact, ExportFact, RawBinding, RawFlow, RawLiteral, Span } from './file-facts.ts'
import { isConstAssertion, positionOf } from './position-of.ts'

type Mutable = {
  -readonly [Key in keyof FileFacts]: FileFacts[Key] extends readonly (infer Item)[] ? Item[] : FileFacts[Key]
}
type Scope = {
  readonly name: string
  readonly span: Span
  readonly pending?: { returns: Span[]; validates: boolean } | undefined
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
  const ancestors: SyntaxNode[] = []
  const scopes: Scope[] = [{ name: '', span: spanOf(program) }]
  const enclosing = (): string =>
    scopes
      .map(({ name }) => name)
      .filter((name) => name !== '')
      .join('.')
  const visit = (node: SyntaxNode): void => {
    if (typeOnly.has(node.type)) return
    const isAsked = depth === 'all' || fastTypes.has(node.type)
    const scope = isAsked ? enter(node, ancestors.at(-1), text, facts, ancestors, scopes, enclosing) : undefined
    if (scope) scopes.push(scope)
    ancestors.push(node)
    for (const key of oxc.visitorKeys[node.type] ?? []) {
      const value = node[key]
      if (Array.isArray(value)) value.filter(Boolean).forEach((child) => visit(child))
      else if (value) visit(value as SyntaxNode)
    }
    ancestors.pop()
    if (!scope) return
    scopes.pop()
    if (depth === 'all') leave(scope, node, ancestors, text, facts, enclosing)
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

type Enter = (
  node: SyntaxNode,
  parent: SyntaxNode | undefined,
  text: string,
  facts: Mutable,
  ancestors: readonly SyntaxNode[],
  scopes: readonly Scope[],
  enclosing: () => string,
) => Scope | undefined

const enter: Enter = (node, parent, text, facts, ancestors, scopes, enclosing) => {
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
    case 'TSTypeAssertion':
      collectCast(node, facts, enclosing())
      return undefined
    case 'ObjectExpression':
      collectLiteral(node, facts, positionOf(node, ancestors), enclosing())
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
      collectFlow(node, 'call', facts, ancestors, enclosing)
      return undefined
    }
    case 'MemberExpression':
      collectFlow(node, 'member', facts, ancestors, enclosing)
      return undefined
    case 'Identifier':
      if (parent && parent.type !== 'MemberExpression') collectFlow(node, 'name', facts, ancestors, enclosing)
      return undefined
    case 'TaggedTemplateExpression':
    case 'AwaitExpression':
      collectFlow(node, 'other', facts, ancestors, enclosing)
      return undefined
    default:
      return undefined
  }
}

/** Records the function that ends here; its own name is no part of its enclosing path. */
const leave = (
  scope: Scope,
  node: SyntaxNode,
  ancestors: readonly SyntaxNode[],
  text: string,
  facts: Mutable,
  enclosing: () => string,
): void => {
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

const collectCast = (node: SyntaxNode, facts: Mutable, enclosing: string): void => {
  if (isConstAssertion(node)) return
  let operand = childAt(node, 'expression')!
  while (operand.type === 'ParenthesizedExpression') operand = childAt(operand, 'expression')!
  const inner =
    operand.type === 'TSAsExpression' || operand.type === 'TSTypeAssertion'
      ? (childAt(operand, 'typeAnnotation')?.type ?? '')
      : ''
  const leaves = typeLeaves(childAt(node, 'typeAnnotation'), openedByCast)
  if (leaves.length > 0)
    facts.casts.push({
      ...spanOf(node),
      leaves,
      operand: spanOf(operand),
      isDouble: /^TS(Unknown|Any|Never)Keyword$/.test(inner),
      enclosing,
    })
}

const collectLiteral = (node: SyntaxNode, facts: Mutable, placed: RawLiteral['placed'], enclosing: string): void => {
  const properties = childrenAt(node, 'properties')
  const names = properties.map((property) =>
    property.type === 'SpreadElement'
      ? ''
      : property['computed'] === true
        ? undefined
        : nameOf(childAt(property, 'key')),
  )
  const keys = names.includes(undefined) ? undefined : (names as string[]).filter((name) => name !== '')
  const site =
    placed.position === 'satisfies' && childAt(placed.anchor as SyntaxNode, 'expression') === node
      ? placed.anchor
      : node
  facts.literals.push({
    start: site.start,
    end: site.end,
    keys,
    hasSpread: properties.some(({ type }) => type === 'SpreadElement'),
    placed,
    enclosing,
    node: spanOf(node),
  })
}

const collectFlow = (
  node: SyntaxNode,
  form: RawFlow['form'],
  facts: Mutable,
  ancestors: readonly SyntaxNode[],
  enclosing: () => string,
): void => {
  const placed = positionOf(node, ancestors)
  if (placed.position === 'nowhere' || placed.position === 'cast' || placed.position === 'untyped') return
  facts.flows.push({ ...spanOf(node), placed, enclosing: enclosing(), form })
}

const markValidation = (scopes: readonly Scope[], text = '', callee?: SyntaxNode): void => {
  // JSON.parse reads; it does not judge.
  if (callee && text.slice(callee.start, callee.end) === 'JSON.parse') return
  const pending = scopes.findLast((scope) => scope.pending)?.pending
  if (pending) pending.validates = true
}

const functionName = (node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined => {
  if (parent?.type === 'MethodDefinition' || parent?.type === 'TSAbstractMethodDefinition')
    return nameOf(childAt(parent, 'key'))
  return nameOf(childAt(node, 'id')) ?? nameOfHolder(parent)
}

/** The variable, property or field that a function or class expression is bound to. */
const nameOfHolder = (parent: SyntaxNode | undefined): string | undefined => {
  if (parent?.type === 'VariableDeclarator') return nameOf(childAt(parent, 'id'))
  if (parent?.type === 'Property' || parent?.type === 'PropertyDefinition') return nameOf(childAt(parent, 'key'))
  return parent?.type === 'ExportDefaultDeclaration' ? 'default' : undefined
}

const nameNodeOf = (node: SyntaxNode, parent: SyntaxNode | undefined): SyntaxNode | undefined =>
  childAt(node, 'id') ??
  (parent?.type === 'VariableDeclarator'
    ? childAt(parent, 'id')
    : parent?.type === 'ExportDefaultDeclaration'
      ? node
      : childAt(parent, 'key'))

const importsOf = (node: SyntaxNode): ImportFact[] => {
  const module = String(childAt(node, 'source')?.['value'])
  return childrenAt(node, 'specifiers').map((specifier) => {
    const local = childAt(specifier, 'local')!
    const imported =
      specifier.type === 'ImportSpecifier'
        ? (nameOf(childAt(specifier, 'imported')) ?? '')
        : specifier.type === 'ImportDefaultSpecifier'
          ? 'default'
          : '*'
    return { ...spanOf(node), local: nameOf(local)!, imported, module, localSpan: spanOf(local) }
  })
}

const exportsOf = (node: SyntaxNode): ExportFact[] => {
  const module = childAt(node, 'source') ? String(childAt(node, 'source')!['value']) : undefined
  if (node.type === 'ExportAllDeclaration')
    return [{ exported: nameOf(childAt(node, 'exported')) ?? '*', local: '*', module }]
  const declaration = childAt(node, node.type === 'TSExportAssignment' ? 'expression' : 'declaration')
  if (node.type !== 'ExportNamedDeclaration') {
    const local = nameOf(declaration) ?? nameOf(childAt(declaration, 'id'))
    return local === undefined ? [] : [{ exported: 'default', local, module }]
  }
  const declared = nameOf(childAt(declaration, 'id'))
  const listed = childrenAt(node, 'specifiers').map((specifier) => ({
    exported: nameOf(childAt(specifier, 'exported'))!,
    local: nameOf(childAt(specifier, 'local'))!,
    module,
  }))
  return declared === undefined ? listed : [{ exported: declared, local: declared, module }, ...listed]
}

const bindingsOf = (
  pattern: SyntaxNode | undefined,
  scope: Span,
  form: RawBinding['form'],
  value?: SyntaxNode,
): RawBinding[] => {
  switch (pattern?.type) {
    case 'Identifier':
      return [
        {
          name: nameOf(pattern)!,
          scope,
          form,
          value: value && spanOf(value),
          annotated: childAt(pattern, 'typeAnnotation') !== undefined,
        },
      ]
    case 'AssignmentPattern':
      return bindingsOf(childAt(pattern, 'left'), scope, form, value)
    case 'RestElement':
      return bindingsOf(childAt(pattern, 'argument'), scope, form, value)
    case 'TSParameterProperty':
      return bindingsOf(childAt(pattern, 'parameter'), scope, form, value)
    case 'ObjectPattern':
      return childrenAt(pattern, 'properties').flatMap((property) =>
        bindingsOf(property.type === 'RestElement' ? property : childAt(property, 'value'), scope, form, value),
      )
    case 'ArrayPattern':
      return childrenAt(pattern, 'elements').flatMap((element) => bindingsOf(element, scope, form, value))
    default:
      return []
  }
}

const isGenerated = (file: string, text: string): boolean =>
  /(^|\/)(__generated__|generated|\.generated)\/|\.(gen|generated|pb|g)\.[cm]?tsx?$/.test(file) ||
  /@generated|auto-?generated|DO NOT EDIT/i.test(
    text.slice(0, 600).match(/^(\s*(\/\/[^\n]*|\/\*[\s\S]*?\*\/))*/)?.[0] ?? '',
  )
