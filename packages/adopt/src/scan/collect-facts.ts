/**
 * Walks one file's syntax tree once and collects every candidate that a question may be asked about.
 */
import { childAt, childrenAt, childrenOf, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { shownBy } from './ambient-facts.ts'
import { auditOf, renamedVouching } from './audit-facts.ts'
import { bindingsOf } from './binding-facts.ts'
import { collectDefinition, spanOf } from './collect-definition.ts'
import { emptyFacts, type MutableFacts } from './empty-facts.ts'
import type { FileFacts, RawFlow } from './file-facts.ts'
import {
  annotationsOf,
  assertedGuardOf,
  commentGuardsOf,
  guardOf,
  isAmbient,
  isEmptyCollection,
  isNothing,
  mergedFields,
  promisedMember,
  promisedResult,
  promisedVariable,
  unpackingsOf,
} from './claim-facts.ts'
import { detoursOf, handedListOf } from './detour-facts.ts'
import { functionName, nameOfHolder } from './function-name.ts'
import { functionFactOf, markValidation, type Scope } from './function-facts.ts'
import { exportsOf, importsOf } from './module-facts.ts'
import { fastTypes, outlineTypes, typeOnly } from './node-types.ts'
import { placedInScript, positionOf, withoutNodes, type PlacedIn } from './position-of.ts'
import { newOf, reflectiveNewsOf } from './reflective-news.ts'
import { hiddenLines, hiddenOf } from './hidden-facts.ts'
import { baseOf, methodsOf } from './method-facts.ts'
import { callOf, hasGetter, isCommentCast, spreadsOf, toCast, toCommentCast, toFlow, toLiteral } from './value-facts.ts'
import { learnWriters, type WriterNames, writeOf } from './write-facts.ts'

/** What the walk carries from node to node. */
type Walk = {
  readonly text: string
  readonly facts: MutableFacts
  readonly ancestors: SyntaxNode[]
  readonly scopes: Scope[]
  readonly enclosing: () => string
  readonly writers: WriterNames
  readonly depth: Depth
  readonly isScript: boolean
  readonly placedIn: PlacedIn
}

/**
 * What syntax can answer alone needs half of the facts: definitions, imports, `new` and casts. An outline has no `new`
 * and no cast, so that most of the tree is not walked.
 */
export type Depth = 'all' | 'fast' | 'outline'

/** Collects the facts of one parsed file. `isWanted` is false for a node that holds none of them. */
export const collectFacts = (
  file: string,
  text: string,
  program: SyntaxNode,
  depth: Depth = 'all',
  isWanted: (node: SyntaxNode) => boolean = () => true,
): FileFacts => {
  const facts = emptyFacts(file, text, { ...shownBy(program, text), isFast: depth === 'fast' })
  const scopes: Scope[] = [{ name: '', span: spanOf(program) }]
  const paths = ['']
  const enclosing = (): string => paths.at(-1)!
  const isScript = /\.[cm]?jsx?$/.test(file)
  const placedIn = isScript ? placedInScript : positionOf
  const walk: Walk = { text, facts, ancestors: [], scopes, enclosing, writers: new Map(), depth, isScript, placedIn }
  const isHidden = depth === 'all' ? hiddenLines(text) : undefined
  const visit = (node: SyntaxNode): void => {
    if (typeOnly.has(node.type) || !isWanted(node)) return
    const isAsked = depth === 'all' || askedTypes[depth].has(node.type)
    const scope = isAsked ? enter(node, walk) : undefined
    if (isHidden) facts.hidden.push(...hiddenOf(node, walk.ancestors, isHidden, enclosing()))
    if (scope) {
      scopes.push(scope)
      paths.push([enclosing(), scope.name].filter(Boolean).join('.'))
    }
    walk.ancestors.push(node)
    for (const child of childrenOf(node)) visit(child)
    walk.ancestors.pop()
    if (!scope) return
    scopes.pop()
    paths.pop()
    const found = depth === 'all' ? functionFactOf(scope, node, walk) : undefined
    if (found) facts.functions.push(found)
  }
  visit(program)
  if (isScript && depth === 'all') facts.guards.push(...commentGuardsOf(text))
  return facts
}

const askedTypes = { fast: fastTypes, outline: outlineTypes }

const enter = (
  node: SyntaxNode,
  { text, facts, ancestors, scopes, enclosing, writers, depth, isScript, placedIn }: Walk,
): Scope | undefined => {
  const parent = ancestors.at(-1)
  const flow = (form: RawFlow['form'], keys?: readonly string[]): void => {
    if (depth !== 'all') return
    const found = toFlow(node, form, ancestors, enclosing, placedIn)
    if (found) facts.flows.push(keys ? { ...found, written: keys } : found)
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
      facts.audits.push(...renamedVouching(node, ancestors[0]!, facts.imports, enclosing()))
      return undefined
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'ClassDeclaration':
    case 'ClassExpression': {
      const exported = parent?.type.startsWith('Export') ?? false
      const definition = collectDefinition(node, text, enclosing(), { exported })
      if (definition) facts.definitions.push(definition)
      if (node.type === 'TSInterfaceDeclaration') facts.promises.push(...mergedFields(node, ancestors, enclosing()))
      if (!node.type.startsWith('Class')) return undefined
      const name = nameOf(childAt(node, 'id')) ?? nameOfHolder(parent) ?? ''
      facts.classes.push({ ...spanOf(node), name, base: baseOf(node) })
      facts.methods.push(...methodsOf(node, [enclosing(), name].filter(Boolean).join('.')))
      return { name, span: spanOf(node) }
    }
    case 'TSModuleDeclaration':
      return { name: nameOf(childAt(node, 'id')) ?? '', span: spanOf(node) }
    case 'TSDeclareFunction':
    case 'TSEmptyBodyFunctionExpression':
      claim(facts.guards, guardOf(node, enclosing()))
      if (node.type === 'TSDeclareFunction' && (node['declare'] === true || isAmbient(ancestors, facts.file)))
        claim(facts.promises, promisedResult(node, enclosing()))
      return undefined
    case 'MethodDefinition':
    case 'PropertyDefinition':
      claim(facts.promises, promisedMember(node, { file: facts.file, ancestors, enclosing: enclosing() }))
      return undefined
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      claim(facts.guards, guardOf(node, enclosing()))
      if (node.type !== 'FunctionDeclaration') {
        facts.annotations.push(...annotationsOf(node, ancestors, enclosing()))
        flow('function')
      }
      facts.bindings.push(
        ...childrenAt(node, 'params').flatMap((parameter) => bindingsOf(parameter, spanOf(node), 'parameter')),
      )
      return { name: functionName(node, parent) ?? '', span: spanOf(node), pending: { returns: [], validates: false } }
    case 'VariableDeclarator':
      learnWriters(node, writers)
      claim(
        facts.promises,
        promisedVariable(node, enclosing(), {
          isDeclared: parent?.['declare'] === true || isAmbient(ancestors, facts.file),
        }),
      )
      facts.bindings.push(...bindingsOf(childAt(node, 'id'), scopes.at(-1)!.span, 'variable', childAt(node, 'init')))
      return undefined
    case 'SpreadElement':
    case 'JSXSpreadAttribute':
      facts.spreads.push(...spreadsOf(node, ancestors, enclosing))
      return undefined
    case 'AssignmentExpression':
      facts.unpackings.push(...unpackingsOf(node, enclosing()))
      facts.detours.push(...detoursOf(node, enclosing()))
      claim(facts.writes, writeOf(node, writers, enclosing()))
      return undefined
    case 'UnaryExpression':
    case 'UpdateExpression':
      claim(facts.writes, writeOf(node, writers, enclosing()))
      return undefined
    case 'ForOfStatement':
      facts.unpackings.push(...unpackingsOf(node, enclosing()))
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
    case 'NewExpression':
      facts.news.push(newOf(node, withoutNodes(positionOf(node, ancestors)), enclosing()))
      if (!isEmptyCollection(node)) flow('other')
      return undefined
    case 'TSAsExpression':
    case 'TSTypeAssertion': {
      claim(facts.casts, toCast(node, ancestors, enclosing()))
      claim(facts.guards, assertedGuardOf(node, enclosing()))
      flow('assertion')
      return undefined
    }
    case 'ObjectExpression':
      facts.literals.push(toLiteral(node, ancestors, enclosing(), placedIn))
      if (facts.literals.at(-1)!.hasSpread || hasGetter(node)) flow('literal', facts.literals.at(-1)!.keys)
      return undefined
    case 'CallExpression': {
      claim(facts.audits, auditOf(node, ancestors[0]!, facts.imports, enclosing()))
      facts.detours.push(...detoursOf(node, enclosing()))
      facts.spreads.push(...handedListOf(node, enclosing()))
      facts.news.push(...reflectiveNewsOf(node, () => withoutNodes(positionOf(node, ancestors)), enclosing()))
      claim(facts.writes, writeOf(node, writers, enclosing()))
      const call = callOf(node, enclosing())
      facts.calls.push(call)
      if (/^(assert|validate|check|ensure|require|parse|safeParse|verify|invariant|guard)/i.test(call.name))
        markValidation(scopes, text, childAt(node, 'callee'))
      flow('call')
      return undefined
    }
    case 'MemberExpression':
      flow('member')
      return undefined
    case 'Identifier':
      if (parent && parent.type !== 'MemberExpression') flow('name')
      return undefined
    case 'ParenthesizedExpression':
      if (isScript && isCommentCast(node, text)) {
        facts.casts.push(toCommentCast(node, enclosing()))
        flow('assertion')
      }
      return undefined
    case 'TSInstantiationExpression':
      facts.calls.push(callOf(node, enclosing()))
      return undefined
    case 'TSNonNullExpression':
      if (isNothing(childAt(node, 'expression'))) flow('assertion')
      return undefined
    case 'TaggedTemplateExpression':
    case 'AwaitExpression':
    case 'YieldExpression':
      flow('other')
      return undefined
    default:
      return undefined
  }
}

const claim = <Fact>(facts: Fact[], fact: Fact | undefined): void => void (fact && facts.push(fact))
