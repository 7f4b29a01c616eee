/**
 * What a class gives besides what its constructor is given: written out at a site that calls it no more.
 */
import type { ConstructorWork } from './constructor-work.ts'
import { isNeverEmpty } from './field-manners.ts'
import { mayBeId, refusedId } from './id-text.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { AddedValue, FieldValue } from './site-fields.ts'

/** What a site has to say in place of the class, by destination; a reason where it may have been given or not. */
export const toAdded = (
  { defaults, manners }: Extract<ConstructorWork, { defaults: unknown }>,
  fields: ReadonlyMap<string, FieldValue>,
  target: MigrateTarget,
  isMaybeAbsent: (value: FieldValue) => boolean,
): { readonly added: readonly AddedValue[] } | { readonly reason: string } => {
  const added: AddedValue[] = []
  for (const [path, { node, text }] of defaults) {
    const [field = '', name] = path.split('.')
    const { to, wrap } = target.fields[field]!
    const given = fields.get(field)
    if (name !== undefined) added.push({ to: `${to}.${name}`, text })
    else if (given && isMaybeAbsent(given))
      return { reason: `the field ${field} may be absent, and the class has a default for it: give it here` }
    else if (given && manners.get(field)?.isFilledWhenEmpty && !isNeverEmpty(given.node))
      return { reason: `the field ${field} may be empty, and the class has a default for it: give it here` }
    else if (given) continue
    else if (wrap !== undefined && !mayBeId(target, node)) return { reason: refusedId(field) }
    // A user whom nobody named is no user.
    else if (to !== 'user') added.push({ to, text, ...(wrap !== undefined && { wrap }) })
  }
  return { added }
}
