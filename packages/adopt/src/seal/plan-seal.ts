/**
 * The edits that seal a class: a private constructor, a member that says who makes it, a guard, and a maker where the
 * class has none. The class keeps everything else.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { findNode, keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import type { ChangeUnit, LazyEdit } from '../migrate/change-unit.ts'
import { declaredName, findDefinitionUses } from '../migrate/definition-uses.ts'
import type { Workspace } from '../migrate/workspace.ts'

/** What a seal edits, and the function that makes the class from now on. */
export type SealPlan =
  | { readonly units: readonly ChangeUnit[]; readonly maker: string; readonly isNewMaker: boolean }
  | { readonly reason: string }

type ClassNode = Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>
type Method = Extract<ClassNode['body']['body'][number], { readonly kind: unknown }>

/** The overlay must be empty. */
export const planSeal = (workspace: Workspace, { file, start, end, name }: DefinitionFact): SealPlan => {
  const { tree, style } = workspace.edited(file)
  const placed = findNode(tree, start, end, (node) => node.type === 'ClassDeclaration')
  const key = placed && declaredName(placed.node)
  if (!placed || !key) return { reason: 'the class was not found in the syntax tree' }
  const node = placed.node as ClassNode
  if (isSealed(tree, node)) return { reason: 'it is sealed already' }
  if (node.superClass) return { reason: 'it extends another class, whose constructor stays open: seal that one' }
  const uses = findDefinitionUses(workspace, file, key, node)
  const asValue = uses.find(({ role }) => role === 'class')
  if (asValue)
    return {
      reason:
        `the class is extended, decorated or passed on as a value in ${asValue.file}: nothing else could call its ` +
        'constructor',
    }
  const maker = findMaker(tree, node, name)
  const outside = uses.filter(({ role }) => role === 'new')
  const own = constructorOf(node)
  const parameters = maker === undefined ? readParameters(tree, own) : []
  if (parameters === undefined)
    return { reason: 'its constructor takes a value apart: write a static maker that calls it, and run this again' }
  if (maker !== undefined && outside.length > 0)
    return {
      reason:
        `${outside.length === 1 ? '1 place calls' : `${outside.length} places call`} the constructor past ` +
        `${name}.${maker}(), as ${outside[0]!.file} does: move them to it first, with migrate and it as the target`,
    }
  const members = new Set(node.body.body.map((member) => ('key' in member ? keyNameOf(member.key as Node) : undefined)))
  const made = maker ?? ['create', 'open', 'make'].find((one) => !members.has(one)) ?? 'createSealed'
  const guard = members.has('is') ? `is${name}` : 'is'
  const text = [
    '/** Never set: its name is what tsc prints for a value that was not made here. */',
    `declare protected readonly '${name} comes from ${name}.${made}() alone': never${style.semicolon}`,
    `readonly #sealed = true${style.semicolon}`,
    ...(own ? [] : [`private constructor() {}`]),
    ...(maker === undefined
      ? [
          '',
          `static ${made}(${parameters.map((one) => one.text).join(', ')}): ${name} {`,
          `${style.indent}return new ${name}(${parameters.map((one) => one.passed).join(', ')})${style.semicolon}`,
          '}',
        ]
      : []),
    '',
    '/** Whether a value was made here: a copy of its fields was not. */',
    `static ${guard}(value: unknown): value is ${name} {`,
    `${style.indent}return typeof value === 'object' && value !== null && #sealed in value${style.semicolon}`,
    '}',
    '',
  ]
  const inner = text.map((line) => (line === '' ? '' : `${style.indent}${line}`)).join(style.lineEnd)
  const at = node.body.start + 1
  const edits: LazyEdit[] = [
    { start: at, end: at, print: () => `${style.lineEnd}${inner}` },
    ...(own ? [toPrivate(tree, own)] : []),
  ]
  const units: ChangeUnit[] = [
    { file, purpose: 'definition', edits, wants: [] },
    ...outside.flatMap((use) => toCall(workspace, use, made)),
  ]
  return { units, maker: made, isNewMaker: maker === undefined }
}

const constructorOf = (node: ClassNode): Method | undefined =>
  node.body.body.find(
    (member): member is Method =>
      member.type === 'MethodDefinition' && member.kind === 'constructor' && member.value.body !== null,
  )

const isSealed = (tree: SyntaxTree, node: ClassNode): boolean =>
  constructorOf(node)?.accessibility === 'private' && /#\w+ in /.test(tree.text.slice(node.start, node.end))

/** A static method that calls the constructor. */
function findMaker(tree: SyntaxTree, node: ClassNode, name: string): string | undefined {
  for (const member of node.body.body) {
    if (member.type !== 'MethodDefinition' || !member.static || !member.value.body) continue
    let makes = false
    walkNodes(member.value as Node, (one) => {
      if (one.type === 'NewExpression')
        makes ||= [name, 'this'].includes(tree.text.slice(one.callee.start, one.callee.end))
      return true
    })
    if (makes) return keyNameOf(member.key as Node)
  }
  return undefined
}

/** The constructor's parameters without their modifiers; undefined when one is a pattern. */
function readParameters(
  tree: SyntaxTree,
  own: Method | undefined,
): { readonly text: string; readonly passed: string }[] | undefined {
  const found = (own?.value.params ?? []).map((one) => {
    const node = (one.type === 'TSParameterProperty' ? one.parameter : one) as Node
    const rest = node.type === 'RestElement' ? (node.argument as Node) : undefined
    const name = keyNameOf(rest ?? (node.type === 'AssignmentPattern' ? (node.left as Node) : node))
    return name === undefined
      ? undefined
      : { text: tree.text.slice(node.start, node.end), passed: rest ? `...${name}` : name }
  })
  return found.every((one) => one !== undefined) ? found : undefined
}

function toPrivate(tree: SyntaxTree, { start, accessibility }: Method): LazyEdit {
  const word = accessibility ?? ''
  const isThere = word !== '' && tree.text.startsWith(word, start)
  return { start, end: start + (isThere ? word.length : 0), print: () => (isThere ? 'private' : 'private ') }
}

/** `new Name(…)` elsewhere becomes a call of the maker. */
function toCall(
  workspace: Workspace,
  use: { readonly file: string; readonly start: number },
  maker: string,
): ChangeUnit[] {
  const { tree } = workspace.edited(use.file)
  let found: Extract<Node, { type: 'NewExpression' }> | undefined
  walkNodes(tree.program, (node) => {
    if (node.type === 'NewExpression' && node.callee.start <= use.start && use.start < node.callee.end) found = node
    return node.start <= use.start && use.start < node.end
  })
  if (!found) return []
  const { start, end, callee } = found
  const hasParentheses = tree.text[end - 1] === ')' && end > callee.end
  const text = `${tree.text.slice(callee.start, callee.end)}.${maker}${hasParentheses ? '' : '()'}`
  return [{ file: use.file, purpose: 'site', edits: [{ start, end: callee.end, print: () => text }], wants: [] }]
}
