/**
 * Asks which calls and assignments write into a context by the name of a field, past `readonly`:
 * `Object.assign(context, …)`, `Reflect.set(context, …)`, `(context as any).userId = …`.
 */
import type { NodeSpan } from '../engine/checker.ts'
import { askAhead } from './ask-ahead.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

export const askWrites = ({ project, view, family, files }: Questions): Site[] => {
  const writes = files.flatMap(({ file, writes }) => writes.map((write) => ({ ...write, file })))
  const targets = project.typesAt(writes.map(({ file, target }): NodeSpan => ({ file, ...target })))
  askAhead(project, targets, view.kinOf)
  return writes.flatMap((write, at): Site[] => {
    const member = view.kinOf(targets[at])
    if (!member) return []
    // A class fills itself in its own body.
    const isOwn =
      write.isThis &&
      family.some(({ file, raw }) => file === write.file && raw.start <= write.start && raw.end >= write.end)
    if (isOwn) return []
    const { enclosing } = write
    return [{ ...placeIn(write, write.file), kind: 'context-write', type: member.raw.name, enclosing, reportedAt: [] }]
  })
}
