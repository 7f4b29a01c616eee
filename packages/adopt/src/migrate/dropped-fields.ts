/**
 * Fields that a site gives and the sealed context makes its own of, as it does of `requestId`: what was handed in from
 * outside is lost there, so the report says so.
 */
import { lineOf } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'
import type { ChangeUnit } from './change-unit.ts'
import { isKnownMaker } from './known-makers.ts'
import type { MigrateTarget, UnreadSite } from './migrate-options.ts'
import { packageTarget } from './package-target.ts'
import { isUndefined } from './site-fields.ts'
import type { FieldValue } from './site-fields.ts'
import type { Workspace } from './workspace.ts'

/** Names of the fields. What the configuration drops is its own decision, and what is made on the spot is made anew. */
export const findDropped = (
  workspace: Workspace,
  file: string,
  fields: ReadonlyMap<string, FieldValue>,
  target: MigrateTarget,
): readonly string[] =>
  [...fields].flatMap(([name, value]) => {
    const isDefault = Object.hasOwn(packageTarget.fields, name) && target.fields[name] === packageTarget.fields[name]
    return isDefault && target.fields[name]?.to === 'drop' && isHandedIn(workspace, file, value) ? [name] : []
  })

/** The places of a run, each with its field. */
export const toDropped = (workspace: Workspace, { file, edits, finding, drops = [] }: ChangeUnit): UnreadSite[] =>
  drops.map((field) => ({
    file,
    line: lineOf(workspace.source(file).text, finding?.start ?? edits[0]!.start),
    field,
    reason: 'the new context makes its own: hand the one given here on by itself where it is needed',
  }))

/** A literal says nothing, and a known maker makes a new value: `randomUUID()`, `new Date()`. */
function isHandedIn(workspace: Workspace, file: string, { node, member }: FieldValue): boolean {
  if (member !== undefined) return true
  const inner = unwrapExpression(node)
  const isFresh =
    (inner.type === 'NewExpression' && inner.arguments.length === 0 && keyNameOf(inner.callee) === 'Date') ||
    (inner.type === 'CallExpression' && inner.arguments.length === 0 && isKnownMaker(workspace, file, inner))
  return inner.type !== 'Literal' && !isFresh && !isUndefined(inner)
}
