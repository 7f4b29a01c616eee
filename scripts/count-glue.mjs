// How many lines of a program are there for our packages. For tests and checks only.
import ts from 'typescript-5.9'

/**
 * The lines of a program that name something that it has from the package: what it imports, and what the program itself
 * made of that by a call, such as `const users = userContext(identity)`. The imports are counted, comments are not, nor
 * is what a handler does with its context.
 */
export function countGlue(source, ofPackage = '@user-execution-context/http') {
  const file = ts.createSourceFile('program.tsx', source, ts.ScriptTarget.Latest, true)
  const names = new Set()
  const lines = new Set()
  const count = (node) => void lines.add(file.getLineAndCharacterOfPosition(node.getStart(file)).line)
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement) && statement.moduleSpecifier.getText().includes(ofPackage)) {
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
  const visit = (node, hidden) => {
    // A parameter of the same name is the user's context, which a program without this package has in another form.
    const within = ts.isFunctionLike(node) ? new Set([...hidden, ...parametersOf(node)]) : hidden
    if (ts.isIdentifier(node) && names.has(node.text) && !within.has(node.text) && !isMember(node)) count(node)
    node.forEachChild((child) => visit(child, within))
  }
  for (const statement of file.statements) if (!ts.isImportDeclaration(statement)) visit(statement, new Set())
  return lines.size
}

function isMember(node) {
  const { parent } = node
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node
}

function parametersOf(node) {
  return node.parameters.flatMap(({ name }) => name.getText().match(/\w+/g) ?? [])
}
