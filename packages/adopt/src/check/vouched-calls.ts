/**
 * Counts the calls of vouchForUser(): users nobody verified yet. After migrate this is the figure to burn down to zero.
 */
import type { Visitor as VisitorClass, parseSync } from 'oxc-parser'
import type { VouchedCalls } from '../report/report.ts'

/** The parts of oxc-parser that are used here. */
export type CallReader = { readonly parseSync: typeof parseSync; readonly Visitor: typeof VisitorClass }

const name = 'vouchForUser'

/** Counts in one file, import aliases and namespaces resolved. */
export const countVouchedCalls = (file: string, text: string, { parseSync: parse, Visitor }: CallReader): number => {
  if (!text.includes(name)) return 0
  const { program, module } = parse(file, text)
  const locals = new Set(
    module.staticImports.flatMap(({ entries }) =>
      entries.filter(({ importName }) => importName.name === name).map(({ localName }) => localName.value),
    ),
  )
  let calls = 0
  new Visitor({
    CallExpression({ callee }) {
      if (callee.type === 'Identifier' && locals.has(callee.name)) calls += 1
      if (
        callee.type === 'MemberExpression' &&
        !callee.computed &&
        callee.property.type === 'Identifier' &&
        callee.property.name === name
      )
        calls += 1
    },
  }).visit(program)
  return calls
}

/** Adds up the files that have any, the fullest first. */
export const sumVouchedCalls = (byFile: readonly (readonly [file: string, calls: number])[]): VouchedCalls => {
  const found = byFile
    .filter(([, calls]) => calls > 0)
    .toSorted(([leftFile, left], [rightFile, right]) => right - left || (leftFile < rightFile ? -1 : 1))
  return { total: found.reduce((sum, [, calls]) => sum + calls, 0), byFile: found }
}
