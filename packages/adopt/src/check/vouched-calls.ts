/**
 * Counts the calls of vouchForUser(): users nobody verified yet. After migrate this is the figure to burn down to zero.
 */
import type { Node, Visitor as VisitorClass, parseSync } from 'oxc-parser'
import { marks } from '../scan/marked-texts.ts'
import type { VouchedCalls } from '../report/report.ts'
import { toTestFileCheck } from '../test-files.ts'

/** The parts of oxc-parser that are used here. */
export type CallReader = { readonly parseSync: typeof parseSync; readonly Visitor: typeof VisitorClass }

const [, name] = marks

/** Counts in one file, import aliases, namespaces and constants resolved. */
export const countVouchedCalls = (file: string, text: string, { parseSync: parse, Visitor }: CallReader): number => {
  if (!text.includes(name)) return 0
  const { program, module } = parse(file, text)
  const locals = new Set(
    module.staticImports.flatMap(({ entries }) =>
      entries.filter(({ importName }) => importName.name === name).map(({ localName }) => localName.value),
    ),
  )
  const isVouching = (node: Node): boolean =>
    node.type === 'Identifier' ? locals.has(node.name) : memberOf(node)?.key === name
  let calls = 0
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (id.type === 'Identifier' && init && isVouching(init)) locals.add(id.name)
    },
  }).visit(program)
  new Visitor({
    CallExpression({ callee }) {
      const { key, object } = memberOf(callee) ?? {}
      if (isVouching(callee) || (object && /^(?:call|apply|bind)$/.test(key!) && isVouching(object))) calls += 1
    },
  }).visit(program)
  return calls
}

const memberOf = (node: Node): { readonly key: string; readonly object: Node } | undefined =>
  node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier'
    ? { key: node.property.name, object: node.object }
    : undefined

/** Adds up the files that have any, the fullest first; those of tests are one figure of their own. */
export const sumVouchedCalls = (
  byFile: readonly (readonly [file: string, calls: number])[],
  testFiles?: readonly string[],
): VouchedCalls => {
  const isTest = toTestFileCheck(testFiles)
  const sum = (entries: readonly (readonly [file: string, calls: number])[]): number =>
    entries.reduce((total, [, calls]) => total + calls, 0)
  const found = byFile
    .filter(([file, calls]) => calls > 0 && !isTest(file))
    .toSorted(([leftFile, left], [rightFile, right]) => right - left || (leftFile < rightFile ? -1 : 1))
  return { total: sum(found), inTests: sum(byFile.filter(([file]) => isTest(file))), byFile: found }
}
