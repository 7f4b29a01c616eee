/**
 * A context type that carries more than an identity (a logger, a session, an abort signal) and whose other members are
 * read. It cannot become the sealed type: it gets a member that holds the sealed context, and its makers fill it. What
 * reads the old fields goes on as it is, so the step compiles, runs and is committed by itself.
 */
import type { CheckedType, CheckerProject } from '../engine/checker.ts'
import type { Node } from '../engine/syntax.ts'
import { findNode } from '../engine/syntax-search.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { ChangeUnit } from './change-unit.ts'
import type { WantedImport } from './import-edits.ts'
import { propertiesOf } from './infer-homes.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Workspace } from './workspace.ts'

/** A carrying type, the member that holds the sealed context, and the unit that adds it. */
export type Carrier = { readonly definition: DefinitionFact; readonly member: string; readonly unit: ChangeUnit }

/** Undefined for a type that cannot be split, and for one that carries nothing else. */
export const toCarrier = (
  workspace: Workspace,
  definition: DefinitionFact,
  target: MigrateTarget,
): Carrier | undefined => {
  const { file } = definition
  const member = freeMemberName(definition)
  const body = bodyOf(workspace, definition)
  if (homelessFields(definition, target).length === 0 || whyWhole(workspace, definition, target) !== undefined)
    return undefined
  if (member === undefined || !body) return undefined
  const { tree, style } = workspace.edited(file)
  const type: WantedImport = {
    module: workspace.spell(target.type.module, file),
    name: target.type.name,
    isType: true,
    // A file that declares the same name itself keeps it.
    ...(definition.name === target.type.name && { as: `Sealed${target.type.name}` }),
  }
  const line = /\n([ \t]*)\S/.exec(tree.text.slice(body.start + 1, body.end))
  const semicolon = /;\s*(?:\/\/.*)?\n/.test(tree.text.slice(body.start, body.end)) || !line ? ';' : ''
  const lead = line ? `${style.lineEnd}${line[1]}` : ' '
  return {
    definition,
    member,
    unit: {
      file,
      purpose: 'definition',
      edits: [
        {
          start: body.start + 1,
          end: body.start + 1,
          print: (_slice, local) => `${lead}readonly ${member}: ${type.as ?? local(type.name)}${semicolon}`,
        },
      ],
      wants: [type],
    },
  }
}

/** Names of the fields that the sealed context has no place for. */
export const homelessFields = ({ fields }: DefinitionFact, target: MigrateTarget): string[] =>
  fields.flatMap(({ name }) => (Object.hasOwn(target.fields, name) ? [] : [name]))

/** Why a type cannot be split, whatever makes it; undefined when it can be. */
export const whyWhole = (
  workspace: Workspace,
  definition: DefinitionFact,
  target: MigrateTarget,
): string | undefined => {
  if (definition.form === 'class')
    return (
      'it is a class, and only an interface or an object type is split: a constructor would have to fill the new ' +
      'member. Give the class such a member and make its constructor take it'
    )
  if (!definition.fields.some(({ name }) => Object.hasOwn(target.fields, name) && target.fields[name]!.to === 'user'))
    return 'no field of it says who the user is. Name one under migrate.fields ("author": { "to": "user" })'
  if (freeMemberName(definition) === undefined)
    return `its fields take all the names of the new member (${memberNames.join(', ')}). Rename one of them`
  return bodyOf(workspace, definition)
    ? undefined
    : 'it has no braces of its own that a member could be added to. Write it as an interface'
}

const freeMemberName = ({ fields }: DefinitionFact): string | undefined =>
  memberNames.find((name) => fields.every((field) => field.name !== name))

/**
 * Whether a member without a home is more than data: a logger, a session, an abort signal. Nothing can say that nobody
 * needs such a value, whether it is read or only handed on. The overlay must be empty.
 */
export const carriesMore = (workspace: Workspace, definition: DefinitionFact, target: MigrateTarget): boolean => {
  const { project, properties } = propertiesOf(workspace, definition)
  return properties.some(
    ({ name, hidden, method, type }) =>
      !hidden && !method && !Object.hasOwn(target.fields, name) && !isData(project!, type, 0),
  )
}

/** How deep data is looked into. */
const deepest = 3

/** Texts, numbers, and lists and objects of them: what a record of the run can hold. */
function isData(project: CheckerProject, type: CheckedType, depth: number): boolean {
  if (type.sort === 'union') return project.membersOf(type).every((part) => isData(project, part, depth))
  if (type.sort === 'primitive' || type.sort === 'nullish' || type.sort === 'never') return true
  // A type that does not resolve was named for something: a text or a number would have needed no import.
  if (type.sort === 'error') return false
  if (type.sort !== 'object' && type.sort !== 'intersection') return true
  // A branded text.
  if (type.sort === 'intersection' && project.membersOf(type).some(({ sort }) => sort === 'primitive')) return true
  if (depth > deepest) return true
  if (project.callSignaturesOf(type).length > 0) return false
  const held = project.typeArgumentsOf(type)
  if (held.length > 0) return held.every((part) => isData(project, part, depth + 1))
  const name = project.symbolOf(type)?.name
  if (name === 'Date') return true
  return project.propertiesOf(type).every(({ method, type: own }) => !method && isData(project, own, depth + 1))
}

/** Whether an earlier run has given the type its member: its name, or undefined. */
export const carriedMember = ({ fields }: DefinitionFact, { type }: MigrateTarget): string | undefined =>
  fields.find((field) => memberNames.includes(field.name) && new RegExp(`\\b(?:Sealed)?${type.name}$`).test(field.type))
    ?.name

const memberNames = ['context', 'identity', 'sealedContext']

/** The braces that the members stand in: of an interface, of a type literal, or of one in an intersection. */
function bodyOf(workspace: Workspace, { file, start, end }: DefinitionFact): Node | undefined {
  const isDefinition = (node: Node): boolean => /^TS(Interface|TypeAlias)Declaration$/.test(node.type)
  const node = findNode(workspace.edited(file).tree, start, end, isDefinition)?.node
  if (node?.type === 'TSInterfaceDeclaration') return node.body as Node
  if (node?.type !== 'TSTypeAliasDeclaration') return undefined
  const parts = node.typeAnnotation.type === 'TSIntersectionType' ? node.typeAnnotation.types : [node.typeAnnotation]
  return parts.find((part) => part.type === 'TSTypeLiteral') as Node | undefined
}
