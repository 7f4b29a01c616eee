/**
 * What is told of a site: where it stood, and what became of it.
 */
import { lineOf } from '../engine/syntax.ts'
import type { ChangeUnit } from './change-unit.ts'
import type { LeftSite, MovedSite } from './migrate-options.ts'
import type { Left, Site } from './site-plan.ts'
import type { Workspace } from './workspace.ts'

/** The site of a unit that moves one; nothing for other units. */
export const toMovedSite = (workspace: Workspace, { file, purpose, edits, finding }: ChangeUnit): MovedSite[] => {
  if (purpose !== 'site') return []
  // A site inside a former class has no finding of its own.
  const start = finding?.start ?? edits[0]!.start
  const line = lineOf(workspace.source(file).text, start)
  return [{ file, line, start, kind: finding?.kind ?? 'new', enclosing: finding?.enclosing ?? '' }]
}

/** Where a site stands. */
export const placeOf = (workspace: Workspace, { file, start, kind, finding }: Site): MovedSite => ({
  file,
  line: lineOf(workspace.source(file).text, start),
  start,
  kind,
  enclosing: finding?.enclosing ?? '',
})

/** A site that stays, with the callers of what holds it. */
export const toLeftSite = (workspace: Workspace, { site, reason }: Left, callers: readonly string[]): LeftSite => {
  return {
    file: site.file,
    line: lineOf(workspace.source(site.file).text, site.start),
    kind: site.kind,
    enclosing: site.finding?.enclosing ?? '',
    reason,
    callers: callers.slice(0, 10),
  }
}
