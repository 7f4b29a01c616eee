/**
 * Which nodes of a syntax tree the walk looks at.
 */

/** Nothing inside them is a value, so nothing inside them is a site. */
export const typeOnly: ReadonlySet<string> = new Set([
  'TSTypeAnnotation',
  'TSTypeParameterInstantiation',
  'TSTypeParameterDeclaration',
  'TSInterfaceBody',
  'ImportSpecifier',
  'ExportSpecifier',
])

/** What the fast questions need. */
export const fastTypes: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ExportDefaultDeclaration',
  'TSExportAssignment',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'ClassDeclaration',
  'ClassExpression',
  'TSModuleDeclaration',
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'NewExpression',
  'TSAsExpression',
  'TSTypeAssertion',
])

/** What an outline is made of, and the functions and classes around it that give its path. */
export const outlineTypes: ReadonlySet<string> = new Set([
  ...[...fastTypes].filter((type) => !/^(NewExpression|TSAsExpression|TSTypeAssertion)$/.test(type)),
  'CallExpression',
])
