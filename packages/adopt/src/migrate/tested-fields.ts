/**
 * Optional fields that some code tests (`if (context.threadId)`, `context.permissions ?? all`): the sealed context
 * always has them, so that a site which gives none would be taken for one that does.
 */
import type { NodeSpan } from '../engine/checker.ts'
import { isValueOf, madeChain } from './class-chain.ts'
import { isFieldTest } from './field-tests.ts'
import { definitionKey } from './definition-key.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { findDeclaredFields } from './readers/carried-field.ts'
import { askedIn, findFieldUses } from './readers/field-uses.ts'
import type { SiteFields } from './site-fields.ts'
import type { TargetMembers } from './target-members.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { originsOf, spanKey } from './value-origins.ts'
import type { Workspace } from './workspace.ts'

/** Name of each field that is tested of what a site makes, and the first place that tests it. */
export type FindTested = (site: NodeSpan) => ReadonlyMap<string, string>

type Tested = {
  readonly field: string
  readonly place: string
  readonly definition: DefinitionFact
  /** What is asked for the field, at each place. */
  readonly values: ReturnType<typeof askedIn>
}

/**
 * Of a member that the old type has no home for, any read counts. A test counts for the values of its type, and for
 * those of another that fit where its type is expected, or are followed to it. The overlay must be empty.
 */
export const newTestedFields = (
  workspace: Workspace,
  definitions: readonly DefinitionFact[],
  target: MigrateTarget,
  members: TargetMembers,
): FindTested => {
  const tests = definitions.flatMap((one) => findTests(workspace, one, target, members))
  const declaring = (field: string): ReadonlySet<string> =>
    new Set(definitions.filter(({ fields }) => fields.some(({ name }) => name === field)).map(definitionKey))
  const owners = new Map(tests.map(({ field }) => [field, declaring(field)]))
  const reached = new Map(tests.map((one) => [one, originsOf(workspace, one.values)]))
  return (site) => {
    const found = new Map<string, string>()
    if (tests.length === 0) return found
    const made = madeChain(workspace, site)
    for (const test of tests) {
      const { field, place, definition } = test
      if (found.has(field)) continue
      // Of a type that says nothing of the field any code may ask for it.
      const isKnown = made !== undefined && [...made.keys].some((key) => owners.get(field)!.has(key))
      const isOf = !isKnown || isValueOf(workspace, made, definition)
      if (isOf || reached.get(test)!.has(spanKey(site.file, site))) found.set(field, place)
    }
    return found
  }
}

function findTests(
  workspace: Workspace,
  definition: DefinitionFact,
  target: MigrateTarget,
  members: TargetMembers,
): Tested[] {
  const isAlways = (name: string): boolean =>
    Object.hasOwn(target.reads, name) || (members.get(name)?.isAlways ?? isIdField(target, name))
  const optional = definition.fields.filter(
    ({ name, optional, type }) => isAlways(name) && (optional || /\b(?:undefined|null)\b/.test(type)),
  )
  if (optional.length === 0) return []
  return findDeclaredFields(workspace, definition).flatMap((field) => {
    if (!optional.some(({ name }) => name === field.name)) return []
    const isHomeless = !Object.hasOwn(target.fields, field.name)
    const isId = isIdField(target, field.name)
    const uses = findFieldUses(workspace, field).filter((one) =>
      isHomeless ? one.role === 'read' || one.role === 'pattern' : isFieldTest(workspace, one, { isId }),
    )
    const [first] = uses
    if (!first) return []
    const place = `${first.file}:${lineOf(workspace.source(first.file).text, first.start)}`
    const values = uses.flatMap(askedIn)
    return [{ field: field.name, place, definition, values }]
  })
}

const isIdField = (target: MigrateTarget, name: string): boolean =>
  Object.hasOwn(target.fields, name) && (target.fields[name]!.wrap !== undefined || target.fields[name]!.to === 'drop')

/** Why a site that may give no id is left, where code tests whether there is one. */
export function findAsked(
  tested: ReadonlyMap<string, string>,
  { fields, contexts }: Extract<SiteFields, { fields: unknown }>,
  target: MigrateTarget,
  isNullish: (node: Node) => boolean,
): string | undefined {
  for (const [field, place] of tested) {
    const to = Object.hasOwn(target.fields, field) ? target.fields[field]!.to : undefined
    // What is dropped is made anew, each by itself.
    const isSame = (name: string): boolean =>
      name === field || (to !== undefined && to !== 'drop' && target.fields[name]?.to === to)
    const given = [...fields].find(([name]) => isSame(name))?.[1]
    const isGiven = given
      ? !given.condition && (given.member === undefined ? !isNullish(given.node) : given.isOptional !== true)
      : contexts.length > 0
    if (!isGiven) return `no ${field} may be given here, ${place} tests it, and the sealed context always has one`
  }
  return undefined
}
