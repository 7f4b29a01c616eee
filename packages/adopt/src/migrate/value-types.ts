/**
 * What types say of the values at a site: the fields of one that is spread, and whether one may be absent.
 */
import type { CheckedSymbol, CheckedType } from '../engine/checker.ts'
import type { DescribeSpread } from './site-fields.ts'
import type { NullishOf } from './site-text.ts'
import type { Node } from '../engine/syntax.ts'
import type { Workspace } from './workspace.ts'

/** Whether a symbol is the context, in its old forms or its new one: what a spread value may be. */
export type IsContext = (symbol: CheckedSymbol) => boolean

/** The fields that a spread value gives. */
export function describeSpread(workspace: Workspace, file: string, isOne: IsContext): DescribeSpread {
  const project = workspace.projectOf(file)
  return (node) => {
    const type = project?.typesAt([workspace.spanOf(file, node)])[0]
    if (!project || !type || ['any', 'error', 'unknown', 'never', 'union', 'parameter'].includes(type.sort))
      return undefined
    const symbol = project.symbolOf(type)
    const isContext = symbol !== undefined && isOne(symbol)
    const properties = project.propertiesOf(type).filter((one) => !one.method)
    return { isContext, names: properties.map(({ name, optional }) => ({ name, optional })) }
  }
}

/** How often an expression of the file is nullish. */
export function nullishOf(workspace: Workspace, file: string): NullishOf {
  const project = workspace.projectOf(file)
  const known = new Map<Node, ReturnType<NullishOf>>()
  const ask: NullishOf = (node) => {
    const type = project?.typesAt([workspace.spanOf(file, node)])[0]
    const nullish = project && type ? project.membersOf(type).filter((one: CheckedType) => one.sort === 'nullish') : []
    const texts = nullish.map((one) => project!.textOf(one))
    return texts.includes('null') ? 'null' : texts.length > 0 ? 'undefined' : 'never'
  }
  return (node) => {
    const answer = known.get(node) ?? (node.type === 'Literal' && node.value !== null ? 'never' : ask(node))
    known.set(node, answer)
    return answer
  }
}
