/**
 * How many lines of a program are there for this package. For tests only.
 */
import ts from 'typescript-5.9'

/**
 * The lines of a program that name something that it has from `@user-execution-context/http`: what it imports, and what
 * the program itself made of that by a call, such as `const users = userContext(identity)`. The imports are counted,
 * comments are not, nor is what a handler does with its context.
 */
export const countGlue = (source: string): number => {
  const file = ts.createSourceFile('server.ts', source, ts.ScriptTarget.Latest, true)
  const names = new Set<string>()
  const lines = new Set<number>()
  const count = (node: ts.Node): void => void lines.add(file.getLineAndCharacterOfPosition(node.getStart(file)).line)
  for (const statement of file.statements) {
    if (isOfPackage(statement)) {
      statement.importClause?.namedBindings?.forEachChild(
        (each) => void names.add(each.getText(file).replace(/^type /, '')),
      )
      count(statement)
    } else if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations)
        if (
          initializer !== undefined &&
          ts.isCallExpression(initializer) &&
          names.has(initializer.expression.getText(file))
        )
          names.add(name.getText(file))
    }
  }
  const visit = (node: ts.Node, hidden: ReadonlySet<string>): void => {
    // A parameter of the same name is the user's context, which a program without this package has in another form.
    const within = ts.isFunctionLike(node) ? new Set([...hidden, ...parametersOf(node)]) : hidden
    if (ts.isIdentifier(node) && names.has(node.text) && !within.has(node.text) && !isMember(node)) count(node)
    node.forEachChild((child) => visit(child, within))
  }
  for (const statement of file.statements) if (!ts.isImportDeclaration(statement)) visit(statement, new Set())
  return lines.size
}

function isOfPackage(statement: ts.Statement): statement is ts.ImportDeclaration {
  return (
    ts.isImportDeclaration(statement) && statement.moduleSpecifier.getText().includes('@user-execution-context/http')
  )
}

function isMember(node: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(node.parent) && node.parent.name === node
}

function parametersOf(node: ts.SignatureDeclaration): readonly string[] {
  return node.parameters.flatMap(({ name }) => name.getText().match(/\w+/g) ?? [])
}
