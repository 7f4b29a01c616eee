/**
 * What TypeScript 6 says about whole files: uses of a symbol, and diagnostics.
 */
import type ts from 'typescript-6.0'
import type { CheckedDiagnostic, CheckedSymbol, NodeSpan } from './checker.ts'
import type { ProjectPlan } from './project-plan.ts'

type Compiler = typeof ts

/** TypeScript 6 has no batch of references in its checker: the names of the user's files are compared by symbol. */
export const referencesTo = (
  compiler: Compiler,
  program: ts.Program,
  plan: ProjectPlan,
  at: ts.Node | undefined,
  toSymbol: (symbol: ts.Symbol | undefined) => CheckedSymbol | undefined,
): NodeSpan[] => {
  const checker = program.getTypeChecker()
  const wanted = at && toSymbol(checker.getSymbolAtLocation(at))
  if (!at || !wanted) return []
  const found: NodeSpan[] = []
  for (const file of plan.files) {
    const sourceFile = program.getSourceFile(file)
    const visit = (node: ts.Node): void => {
      const symbol =
        compiler.isIdentifier(node) || compiler.isStringLiteral(node) ? checker.getSymbolAtLocation(node) : undefined
      const shorthand =
        symbol && compiler.isShorthandPropertyAssignment(node.parent)
          ? checker.getShorthandAssignmentValueSymbol(node.parent)
          : undefined
      if (toSymbol(symbol)?.id === wanted.id || toSymbol(shorthand)?.id === wanted.id)
        found.push({ file, start: node.getStart(), end: node.end })
      node.forEachChild(visit)
    }
    sourceFile?.forEachChild(visit)
  }
  return found.sort((a, b) => (a.file === b.file ? a.start - b.start : a.file < b.file ? -1 : 1))
}

export const toDiagnostic = (
  { start = 0, length = 0, code, messageText, relatedInformation, file }: ts.Diagnostic,
  asked: string,
): CheckedDiagnostic => {
  const related = (relatedInformation ?? []).flatMap((entry) => chain(entry.messageText))
  return {
    file: file?.fileName ?? asked,
    start,
    end: start + length,
    code,
    text: [...chain(messageText), ...related].join('\n'),
  }
}

const chain = (message: string | ts.DiagnosticMessageChain): string[] =>
  typeof message === 'string' ? [message] : [message.messageText, ...(message.next ?? []).flatMap(chain)]
