/**
 * Reads of a field that no rename follows: through `any`, a narrower type, a key as a text, `in`. Of a new context that
 * has the field under another name they give nothing, and the compiler is silent.
 */
import type { CheckedType, CheckerProject } from '../engine/checker.ts'
import { declaredTypeOf } from './class-chain.ts'
import { definitionKey } from './definition-key.ts'
import { isTypedSource } from './own-source.ts'
import { askedIn } from './readers/field-uses.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import { newOrigins } from './value-origins.ts'
import type { Workspace } from './workspace.ts'

type Read = { readonly field: string; readonly value: Node; readonly isUnnamed: boolean }

/**
 * Of each field, by the span of what a value comes from: the first place that reads the field of it. The overlay must
 * be empty.
 */
export const findLooseReads = (
  workspace: Workspace,
  family: readonly DefinitionFact[],
  fields: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const found = new Map([...fields].map((field) => [field, new Map<string, string>()] as const))
  const follows = new Map([...fields].map((field) => [field, newOrigins(workspace)] as const))
  const mention = new RegExp(`\\b(?:${[...fields].join('|')})\\b`)
  const files = new Set(workspace.checker.projects.flatMap((one) => one.files).map(workspace.relativeOf))
  const takes = newTakesContext(workspace, family)
  for (const file of fields.size === 0 ? [] : files) {
    const { text } = workspace.source(file)
    const project = workspace.projectOf(file)
    if (!project || !isTypedSource(file) || !mention.test(text)) continue
    const reads = readsIn(workspace, file, fields)
    const types = project.typesAt(reads.map(({ value }) => workspace.spanOf(file, value)))
    for (const [index, { field, value, isUnnamed }] of reads.entries()) {
      if (!takes(project, types[index], { field, isUnnamed })) continue
      const place = `${file}:${lineOf(text, value.start)}`
      const own = found.get(field)!
      follows.get(field)!(file, value, (key) => void (own.has(key) || own.set(key, place)))
    }
  }
  return found
}

function readsIn(workspace: Workspace, file: string, fields: ReadonlySet<string>): readonly Read[] {
  const reads: Read[] = []
  const add = (name: string | undefined, value: Node, isUnnamed: boolean): void => {
    if (name !== undefined && fields.has(name) && value.type !== 'ThisExpression')
      reads.push({ field: name, value, isUnnamed })
  }
  walkNodes(workspace.edited(file).tree.program, (node, ancestors) => {
    if (node.type === 'MemberExpression') {
      const isText = node.computed && node.property.type === 'Literal'
      if (!node.computed || isText) add(keyNameOf(node.property), node.object, isText)
    } else if (node.type === 'BinaryExpression' && node.operator === 'in')
      add(keyNameOf(node.left as Node), node.right, true)
    else if (node.type === 'Property' && !node.computed && ancestors.at(-1)?.type === 'ObjectPattern')
      for (const one of askedIn({ file, start: node.start, role: 'pattern', placed: { node, ancestors } }))
        add(keyNameOf(node.key), one.node, false)
  })
  return reads
}

type Asked = { readonly field: string; readonly isUnnamed: boolean }

/** Whether a value of the family may be of a type by which the field is not seen to be one of its own. */
function newTakesContext(
  workspace: Workspace,
  family: readonly DefinitionFact[],
): (project: CheckerProject, type: CheckedType | undefined, asked: Asked) => boolean {
  const keys = new Set(family.map(definitionKey))
  const known = new Map<CheckerProject, Map<string, boolean>>()
  const declared = (project: CheckerProject, field: string): CheckedType[] =>
    family
      .filter(({ fields }) => fields.some(({ name }) => name === field))
      .flatMap((one) => declaredTypeOf(workspace, project, one) ?? [])
  return (project, type, { field, isUnnamed }) => {
    if (!type) return false
    const own = known.get(project) ?? new Map<string, boolean>()
    known.set(project, own)
    const key = `${field}:${isUnnamed}:${type.id}`
    const answer =
      own.get(key) ??
      project.membersOf(type).some((one) => {
        if (looseSorts.has(one.sort)) return true
        const places = project.symbolOf(one)?.declarations ?? []
        const isNamed = places.some(({ file, end }) =>
          keys.has(definitionKey({ file: workspace.relativeOf(file), end })),
        )
        if (isNamed) return isUnnamed
        return one.sort === 'object' && declared(project, field).some((from) => project.isAssignable(from, one))
      })
    own.set(key, answer)
    return answer
  }
}

const looseSorts = new Set(['any', 'unknown', 'parameter'])
