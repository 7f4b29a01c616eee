/**
 * Finds a field that the legacy type demands and a site does not give.
 */
import type { CheckedProperty } from '../engine/checker.ts'
import type { Node } from '../engine/syntax.ts'
import type { Finding } from '../finding.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { SiteFields } from './site-fields.ts'
import type { Workspace } from './workspace.ts'

type Place = Pick<Finding, 'file' | 'start' | 'end'>

/**
 * A field that the legacy type demands and the site lacks (behind a cast or a loose constructor): the site was refused
 * when run.
 */
export const findMissingField = (
  workspace: Workspace,
  site: Place,
  inner: Node,
  target: MigrateTarget,
  values: Extract<SiteFields, { fields: unknown }>,
): string | undefined => {
  if (values.contexts.length > 0) return undefined
  for (const { name, optional, method } of propertiesAt(workspace, site, inner)) {
    if (optional || method) continue
    const home = target.fields[name]
    if (home?.wrap === undefined) continue
    if (!values.fields.has(name) && target.defaults?.[home.to] === undefined)
      return `the field ${name} is missing: the legacy type demands it`
  }
  return undefined
}

/** Fields of the legacy type that are stored as they are set, and not by an accessor. */
export const findStoredFields = (workspace: Workspace, site: Place, inner: Node): ReadonlySet<string> =>
  new Set(propertiesAt(workspace, site, inner).flatMap((one) => (one.method ? [] : [one.name])))

function propertiesAt(workspace: Workspace, site: Place, inner: Node): readonly CheckedProperty[] {
  const project = workspace.projectOf(site.file)
  const span = workspace.spanOf(site.file, inner)
  const type =
    inner.type === 'NewExpression'
      ? project?.typesAt([span])[0]
      : (project?.contextualTypes([span])[0] ?? project?.typesAt([workspace.spanOf(site.file, site)])[0])
  if (!project || !type) return []
  const member = project.membersOf(type).find((one) => one.sort === 'object') ?? type
  return project.propertiesOf(member)
}
