/**
 * Reads of legacy fields through a context: `context.metadata` becomes what the target says, found by the compiler's
 * own complaint.
 */
import type { ChangeUnit } from './change-unit.ts'
import { findNewDiagnostics } from './diagnostic-difference.ts'
import { absentCodes, patternKeyOf } from './homeless-members.ts'
import type { SealedReads } from './homeless-members.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import { renderAll } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** Units for the reads that fail once the old definitions are the sealed type (`sealed`), and did not before. */
export const planReads = ({ workspace, probes, before, sealed, target }: SealedReads): ChangeUnit[] => {
  const renderings = renderAll(workspace, probes)
  return [...findNewDiagnostics(before, sealed)].flatMap(([file, own]) =>
    own.flatMap(({ code, start, text }) => {
      if (!absentCodes.has(code) || !text.includes(`'${target.type.name}'`)) return []
      const { tree } = workspace.edited(file)
      const read = findRead(tree, renderings.get(file)?.toOld(start) ?? start)
      const name = read && keyNameOf((read.type === 'Property' ? read.key : read.property) as Node)
      const form = name !== undefined && Object.hasOwn(target.reads, name) ? target.reads[name]! : undefined
      if (!read || form === undefined) return []
      return read.type === 'Property'
        ? toPatternUnit(file, read, form)
        : [toUnit(workspace, { file, tree, read }, form, target)]
    }),
  )
}

type Read = Extract<Node, { type: 'MemberExpression' }>
type PlacedRead = { readonly file: string; readonly tree: SyntaxTree; readonly read: Read }

type Taken = Extract<Node, { type: 'Property' }>

function findRead(tree: SyntaxTree, offset: number): Read | Taken | undefined {
  let found: Read | Taken | undefined
  walkNodes(tree.program, (node, ancestors) => {
    if (node.type === 'MemberExpression' && !node.computed && node.property.start === offset) found = node
    const isTaken = node.type === 'Property' && !node.computed && ancestors.at(-1)?.type === 'ObjectPattern'
    if (isTaken && node.key.start === offset) found = node
    return node.start <= offset && node.end > offset
  })
  return found
}

/** `{ metadata }` takes another member into the same name: `{ agentContext: metadata }`. */
function toPatternUnit(file: string, { key, shorthand }: Taken, form: string): ChangeUnit[] {
  const member = patternKeyOf(form)
  if (member === undefined) return []
  const print = (): string => (shorthand ? `${member}: ` : member)
  const end = shorthand ? key.start : key.end
  return [{ file, purpose: 'read', readAt: key.start, edits: [{ start: key.start, end, print }], wants: [] }]
}

function toUnit(
  workspace: Workspace,
  { file, tree, read }: PlacedRead,
  form: string,
  target: MigrateTarget,
): ChangeUnit {
  const wants = target.imports
    .filter((one) => new RegExp(`\\b${one.name}\\b`).test(form))
    .map((one) => ({ module: workspace.spell(one.module, file), name: one.name, isType: false }))
  const member = /^\{context\}\.([\w.]+)$/.exec(form)?.[1]
  // A plain other name keeps `?.` and the lines of a chain.
  if (member !== undefined)
    return {
      file,
      purpose: 'read',
      readAt: read.property.start,
      edits: [{ start: read.property.start, end: read.property.end, print: () => member }],
      wants,
    }
  const { object } = read
  const whole = tree.text.slice(object.end, read.property.start).includes('?.') ? `${'{context}'} && ${form}` : form
  return {
    file,
    purpose: 'read',
    readAt: read.property.start,
    edits: [
      {
        start: read.start,
        end: read.end,
        print: (slice) => whole.replaceAll('{context}', () => slice(object.start, object.end)),
      },
    ],
    wants,
  }
}
