/**
 * The target of a code base that has a factory of its own: a single maker that validates, with parameters that are
 * fields of the type.
 */
import { join } from 'node:path'
import { readSource } from '../engine/source-text.ts'
import { parseSyntax } from '../engine/syntax.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { keyNameOf } from '../engine/syntax-search.ts'
import type { FieldHome, MigrateTarget } from '../migrate/migrate-options.ts'
import type { FactoryFact, ScanResult } from '../scan/scan-result.ts'

/** What `init` writes for a factory: the sanctioned name, and the target of migrate. */
export type OwnTarget = { readonly factory: string; readonly target: MigrateTarget }

/** Undefined when no maker validates, when several do, or when the one takes something that is no field. */
export const findOwnTarget = ({ canonical, factories }: ScanResult, root: string): OwnTarget | undefined => {
  if (!canonical) return undefined
  const makers = factories.filter(
    ({ type, file, validates }) =>
      validates && type === canonical.name && !/(?:^|\/)tests?\/|\.(?:test|spec)\./.test(file),
  )
  const [maker] = makers
  if (!maker || makers.length > 1 || /:\s*Promise\b/.test(maker.signature)) return undefined
  const tree = parseSyntax(maker.file, readSource(join(root, maker.file)).text)
  const found = findFunction(tree, maker)
  const fields = new Set(canonical.fields.map(({ name }) => name))
  const given = found && readGiven(found.parameters, fields)
  const user = given?.names.find(({ name }) => userNames.includes(name))
  if (!found || !given || !user || user.isOptional) return undefined
  const homes = given.names.map(({ name }): [string, FieldHome] => [
    name,
    { to: name === user.name ? 'user' : given.isBag ? `rest.${name}` : name },
  ])
  const module = `./${maker.file}`
  return {
    factory: `${maker.file}#${found.imported}`,
    target: {
      type: { module: `./${canonical.file}`, name: canonical.name },
      expression: given.isBag
        ? `${found.called}({ ${user.name}: {user}, {...rest} })`
        : `${found.called}(${given.names.map(({ name }) => `{${name === user.name ? 'user' : name}}`).join(', ')})`,
      imports: [{ module, name: found.imported }],
      fields: Object.fromEntries(homes),
      reads: {},
      required: homes
        .filter(([name]) => !given.names.find((one) => one.name === name)!.isOptional)
        .map(([, { to }]) => to),
    },
  }
}

const userNames = ['userId', 'user_id', 'accountId', 'actorId', 'actor', 'user']

type FoundFunction = { readonly imported: string; readonly called: string; readonly parameters: readonly Node[] }

/** An exported function, a constant that holds one, or a static method of an exported class. */
function findFunction({ program }: SyntaxTree, { name, start, end }: FactoryFact): FoundFunction | undefined {
  const short = name.split('.').at(-1)!
  for (const node of program.body) {
    const inner = node.type === 'ExportNamedDeclaration' ? (node.declaration as Node | null) : null
    if (!inner || inner.start > start || inner.end < end) continue
    if (inner.type === 'FunctionDeclaration' && keyNameOf(inner.id as Node) === short)
      return { imported: short, called: short, parameters: inner.params as Node[] }
    if (inner.type === 'VariableDeclaration') {
      const init = inner.declarations.find((one) => keyNameOf(one.id as Node) === short)?.init
      if (init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression')
        return { imported: short, called: short, parameters: init.params as Node[] }
    }
    if (inner.type === 'ClassDeclaration') {
      const owner = keyNameOf(inner.id as Node)
      const method = inner.body.body.find(
        (one) => one.type === 'MethodDefinition' && one.static && keyNameOf(one.key as Node) === short,
      )
      if (owner !== undefined && method?.type === 'MethodDefinition')
        return { imported: owner, called: `${owner}.${short}`, parameters: method.value.params as Node[] }
    }
  }
  return undefined
}

type Given = { readonly name: string; readonly isOptional: boolean }

/** What a maker takes: fields one after another, or one object of fields. Undefined for everything else. */
function readGiven(
  parameters: readonly Node[],
  fields: ReadonlySet<string>,
): { readonly isBag: boolean; readonly names: readonly Given[] } | undefined {
  const all = parameters.map(readParameter)
  if (all.length > 0 && all.every((one) => one !== undefined && fields.has(one.name))) {
    const names = all as Given[]
    // A value that is left out in the middle would shift those behind it: at most the last may be.
    const isSafe = names.every(({ isOptional }, index) => !isOptional || index === names.length - 1)
    return isSafe ? { isBag: false, names } : undefined
  }
  const [only] = parameters
  const annotation = only && 'typeAnnotation' in only ? only.typeAnnotation : undefined
  const type = annotation && 'typeAnnotation' in annotation ? (annotation.typeAnnotation as Node) : undefined
  if (parameters.length !== 1 || type?.type !== 'TSTypeLiteral') return undefined
  const names = type.members.map((one): Given | undefined => {
    const name = one.type === 'TSPropertySignature' ? keyNameOf(one.key as Node) : undefined
    return one.type === 'TSPropertySignature' && name !== undefined ? { name, isOptional: one.optional } : undefined
  })
  return names.every((one) => one !== undefined && fields.has(one.name))
    ? { isBag: true, names: names as Given[] }
    : undefined
}

function readParameter(node: Node): Given | undefined {
  const inner = node.type === 'AssignmentPattern' ? (node.left as Node) : node
  if (inner.type !== 'Identifier') return undefined
  return {
    name: inner.name,
    isOptional: node.type === 'AssignmentPattern' || (inner as { readonly optional?: boolean }).optional === true,
  }
}
