/**
 * `new` and casts by syntax and import graph alone: no compiler runs.
 * It cannot see literals, `any`, or whether a cast's value already is the type.
 */
import type { FileFacts } from './file-facts.ts'
import { keyOf, type KnownDefinition } from './known-definition.ts'
import type { ResolveName } from './name-resolution.ts'
import type { Site } from './site.ts'

export const findFastSites = (
  files: readonly FileFacts[],
  family: readonly KnownDefinition[],
  resolveName: ResolveName,
): Site[] => {
  const members = new Map(family.map((member) => [keyOf(member.file, member.raw.name), member]))
  const memberNamed = (
    file: string,
    name: string | undefined,
    qualifier: string | undefined,
  ): KnownDefinition | undefined => {
    const found = name === undefined ? undefined : resolveName(file, name, qualifier)
    return found && members.get(keyOf(found.file, found.definition.name))
  }
  return files.flatMap((facts) => {
    const { file } = facts
    const news = facts.news.flatMap(({ start, end, calleeName, qualifier, enclosing }): Site[] => {
      const member = memberNamed(file, calleeName, qualifier)
      return member?.raw.form === 'class'
        ? [{ file, start, end, kind: 'new', type: member.raw.name, enclosing, reportedAt: [] }]
        : []
    })
    const casts = facts.casts.flatMap(({ start, end, leaves, isDouble, enclosing }): Site[] => {
      const member = leaves
        .map(({ name, qualifier }) => memberNamed(file, name, qualifier))
        .find((found) => found !== undefined)
      return member
        ? [
            {
              file,
              start,
              end,
              kind: isDouble ? 'cast-double' : 'cast',
              type: member.raw.name,
              enclosing,
              reportedAt: [],
            },
          ]
        : []
    })
    return [...news, ...casts]
  })
}
