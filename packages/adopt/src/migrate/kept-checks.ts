/**
 * Functions of the tree that a constructor checks its ids by: they throw, or give back what they were given. One that
 * refuses what the factory takes (`test_42`) is called at the site from then on.
 */
import { calledFunction } from './called-function.ts'
import type { ChangeUnit } from './change-unit.ts'
import { isFactoryCheck, isValue } from './constructor-checks.ts'
import type { CheckScope } from './constructor-checks.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** A function that a site calls, by the name under which its file has it. */
export type KeptCheck = {
  readonly file: string
  readonly name: string
  /** Where its declaration begins, while its file does not export it. */
  readonly exportAt: number | undefined
  /** What it refuses, whole or as a beginning. */
  readonly words: readonly string[]
}

/** `true`: the factory checks the same. Undefined: it is no such function, or no other file can call it. */
export const readCheckFunction = (
  workspace: Workspace,
  { file, call, field }: { readonly file: string; readonly call: Node; readonly field: string },
  scope: CheckScope,
): KeptCheck | true | undefined => {
  const called = call.type === 'CallExpression' && keyNameOf(call.callee) && calledFunction(workspace, file, call)
  if (!called) return undefined
  const words: string[] = []
  const inner = { ...scope, file: called.file, values: new Map(), bag: undefined, rest: undefined }
  const isCheck = (isLoose: boolean): boolean =>
    isCheckBody(workspace, called.node, field, { ...inner, isLoose, onWord: (word) => words.push(word) })
  if (isCheck(false)) return true
  if (!isCheck(true)) return undefined
  // What is not kept need not be checked.
  if (scope.isDropped(field)) return true
  const declared = declaredAtTop(workspace, called)
  return declared && { file: called.file, ...declared, words: words.filter((word) => word.trim() !== '') }
}

/** Whether the function takes a text that the source writes down, as far as that can be seen. */
export const takesText = ({ words }: KeptCheck, text: string): boolean =>
  text.trim() !== '' && !words.some((word) => text.toLowerCase().startsWith(word.toLowerCase()))

/** Units that export what the sites of others call. */
export const toExports = (units: Iterable<ChangeUnit>): ChangeUnit[] => {
  const exported = new Map<string, ChangeUnit>()
  for (const { file, name, exportAt: at } of [...units].flatMap(({ calls = [] }) => calls))
    exported.set(`${file}:${name}`, {
      file,
      purpose: 'type-only',
      edits: at === undefined ? [] : [{ start: at, end: at, print: () => 'export ' }],
      wants: [],
      keeps: [name],
    })
  return [...exported.values()]
}

function isCheckBody(workspace: Workspace, own: Node, field: string, scope: CheckScope): boolean {
  if (own.type !== 'FunctionDeclaration' && own.type !== 'ArrowFunctionExpression') return false
  const [parameter] = own.params as Node[]
  const name = parameter && keyNameOf(parameter)
  const { body } = own
  if (name === undefined || body?.type !== 'BlockStatement' || own.async || own.generator) return false
  const values = new Map([[name, field]])
  const inner: CheckScope = { ...scope, values }
  return (body.body as Node[]).every((statement, index, all) => {
    if (statement.type === 'VariableDeclaration' && statement.kind === 'const')
      return statement.declarations.every((one) => {
        const alias = one.init && isValue(one.init, inner) ? keyNameOf(one.id as Node) : undefined
        if (alias !== undefined) values.set(alias, field)
        return alias !== undefined
      })
    if (index < all.length - 1) return isFactoryCheck(workspace, statement, inner)
    return (
      statement.type === 'ReturnStatement' &&
      !!statement.argument &&
      keyNameOf(unwrapExpression(statement.argument)) === name
    )
  })
}

/** Its name at the top of a module that can export it by a word before its declaration. */
function declaredAtTop(
  workspace: Workspace,
  { file, node }: { readonly file: string; readonly node: Node },
): Pick<KeptCheck, 'name' | 'exportAt'> | undefined {
  const body = workspace.edited(file).tree.program.body as Node[]
  const isModule = body.some(({ type }) => /^(?:Import|Export\w+)Declaration$/.test(type))
  const isNamedApart = body.some((one) => one.type === 'ExportNamedDeclaration' && one.specifiers.length > 0)
  if (!isModule || body.some(({ type }) => type === 'TSExportAssignment')) return undefined
  for (const statement of body) {
    const own = statement.type === 'ExportNamedDeclaration' ? (statement.declaration as Node | null) : statement
    if (!own || own.start > node.start || own.end < node.end) continue
    const name =
      own === node ? own : own.type === 'VariableDeclaration' && own.declarations.length === 1 && own.declarations[0]
    const text = name && 'id' in name ? keyNameOf(name.id as Node) : undefined
    const isExported = own !== statement
    return text === undefined || (!isExported && isNamedApart)
      ? undefined
      : { name: text, exportAt: isExported ? undefined : own.start }
  }
  return undefined
}
