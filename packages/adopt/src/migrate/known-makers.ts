/**
 * Calls that do nothing but make an id, tell the time, or give a value in another form. What they are is seen from what
 * they call, not from its name: a function of the tree that is called `uuid` may keep a list.
 */
import type { Node } from '../engine/syntax.ts'
import { keyNameOf } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** Whether a call is one of them. The overlay must be empty: the compiler is asked. */
export const isKnownMaker = (workspace: Workspace, file: string, call: Call): boolean => {
  const { callee } = call
  const name = callee.type === 'MemberExpression' ? keyNameOf(callee.property) : keyNameOf(callee)
  if (name === undefined) return false
  const owner = callee.type === 'MemberExpression' ? keyNameOf(callee.object as Node) : undefined
  if (owner === 'Date' && name === 'now') return true
  if (owner === 'Math' || (owner === 'crypto' && name === 'randomUUID'))
    return isStandard(workspace, file, call) !== false
  if (callee.type === 'Identifier' && ['String', 'Number', 'Boolean', 'Symbol'].includes(name)) return true
  if (callee.type === 'MemberExpression' && conversions.has(name)) return isStandard(workspace, file, call) === true
  const module = importedFrom(workspace, file, owner ?? name)
  if (module !== undefined && makers.has(module)) return true
  return makersOfPackages.test(declaredIn(workspace, file, call) ?? '')
}

const makers = new Set(['crypto', 'node:crypto', 'uuid', 'nanoid', 'ulid', 'cuid', '@paralleldrive/cuid2'])
const makersOfPackages =
  /(?:^|\/)node_modules\/(?:(?:@types\/)?(?:uuid|nanoid|ulid|cuid)|@paralleldrive\/cuid2|@types\/node\/crypto)(?:\/|\.d\.ts$)/
const conversions = new Set([
  'toString',
  'toISOString',
  'getTime',
  'slice',
  'substring',
  'padStart',
  'trim',
  'toLowerCase',
])

/** Whether it is declared by the language itself; undefined where the compiler does not say. */
function isStandard(workspace: Workspace, file: string, call: Call): boolean | undefined {
  const declared = declaredIn(workspace, file, call)
  return declared === undefined ? undefined : /(?:^|\/)lib\.[\w.]+\.d\.ts$|\/@types\/node\//.test(declared)
}

function declaredIn(workspace: Workspace, file: string, call: Call): string | undefined {
  return workspace.projectOf(file)?.calledDeclarations([workspace.spanOf(file, call)])[0]?.file
}

/** The module that a name of the file is imported from. */
function importedFrom(workspace: Workspace, file: string, name: string): string | undefined {
  for (const node of workspace.edited(file).tree.program.body)
    if (node.type === 'ImportDeclaration' && node.specifiers.some((one) => one.local.name === name))
      return node.source.value
  return undefined
}
