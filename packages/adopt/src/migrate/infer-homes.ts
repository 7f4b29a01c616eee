/**
 * Which field of a type says who the user is, where no `userId` does: a field of another spelling, or an object that
 * has the id (`user: { id }`). What the configuration says comes first.
 */
import type { CheckedProperty, CheckerProject } from '../engine/checker.ts'
import { findNode } from '../engine/syntax-search.ts'
import type { Node } from '../engine/syntax.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import { declaredName } from './definition-uses.ts'
import type { FieldHome, MigrateTarget } from './migrate-options.ts'
import type { Workspace } from './workspace.ts'

/** The target with a home for the user's field of each definition that has none yet. The overlay must be empty. */
export const withInferredUser = (
  workspace: Workspace,
  definitions: readonly DefinitionFact[],
  target: MigrateTarget,
): MigrateTarget => {
  const hasHome = (name: string): boolean => Object.hasOwn(target.fields, name)
  const isUser = (name: string): boolean => hasHome(name) && target.fields[name]!.to === 'user'
  const found = new Map<string, FieldHome>()
  for (const definition of definitions) {
    if (definition.fields.some(({ name }) => isUser(name))) continue
    const inferred = inferUser(workspace, definition)
    if (inferred && !hasHome(inferred.name)) found.set(inferred.name, inferred.home)
  }
  // A type that has such a field beside its user's id means something else by it.
  for (const { fields } of definitions)
    if (fields.some(({ name }) => isUser(name))) for (const { name } of fields) found.delete(name)
  if (found.size === 0) return target
  return {
    ...target,
    fields: { ...target.fields, ...Object.fromEntries(found) },
    ...(target.spread && { spread: target.spread }),
  }
}

/** Spellings of an id, the plainest first, and names of what holds one. */
const ids = ['user_id', 'userID', 'userid', 'uid', 'currentUserId', 'accountId', 'account_id', 'actorId', 'principalId']
const holders = ['user', 'currentUser', 'current_user', 'account', 'actor', 'principal', 'viewer', 'auth', 'session']
/** Of an account or a session, `id` is the id of something else. */
const idsWithin: Readonly<Record<string, readonly string[]>> = {
  user: ['id', 'userId', 'user_id', 'uid', 'sub'],
  auth: ['userId', 'user_id', 'uid', 'sub'],
  session: ['userId', 'user_id'],
}

/** Properties of a definition's type, and the program that knows them; none where it has no program. */
export const propertiesOf = (
  workspace: Workspace,
  { file, start, end }: DefinitionFact,
): { readonly project: CheckerProject | undefined; readonly properties: readonly CheckedProperty[] } => {
  const isDefinition = (node: Node): boolean => node.type.endsWith('Declaration')
  const declaration = findNode(workspace.edited(file).tree, start, end, isDefinition)?.node
  const key = declaration && declaredName(declaration)
  const project = workspace.projectOf(file)
  const name = key && 'name' in key && typeof key.name === 'string' ? key.name : undefined
  const [type] =
    (key &&
      name !== undefined &&
      project?.typesAt([workspace.spanOf(file, { start: key.start, end: key.start + name.length })])) ||
    []
  return { project, properties: project && type ? project.propertiesOf(type) : [] }
}

function inferUser(
  workspace: Workspace,
  definition: DefinitionFact,
): { readonly name: string; readonly home: FieldHome } | undefined {
  const found = propertiesOf(workspace, definition)
  const { project } = found
  if (!project) return undefined
  const properties = new Map(found.properties.map((one) => [one.name, one]))
  for (const id of ids) {
    const property = properties.get(id)
    const home = property && toHome(project, property)
    if (home) return { name: id, home }
  }
  for (const holder of holders) {
    const property = properties.get(holder)
    if (!property || property.type.sort !== 'object') continue
    const inner = new Map(project.propertiesOf(property.type).map((one) => [one.name, one]))
    for (const id of idsWithin[holder] ?? idsWithin['user']!) {
      const own = inner.get(id)
      const home = own && toHome(project, own)
      if (home) return { name: holder, home: { ...home, member: id } }
    }
  }
  return undefined
}

/** Only of a text or a number that is always there: an id that may be missing is a question for people. */
function toHome(project: CheckerProject, { optional, hidden, type }: CheckedProperty): FieldHome | undefined {
  if (optional || hidden) return undefined
  const text = project.textOf(type)
  if (text === 'number') return { to: 'user', wrap: 'String' }
  const isText = text === 'string' || (type.sort === 'intersection' && text.startsWith('string &'))
  return isText ? { to: 'user' } : undefined
}
