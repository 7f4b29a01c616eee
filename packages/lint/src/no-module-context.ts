/**
 * Rule no-module-context: all users of a process share a module-level variable, so the next user finds the context of
 * the previous one.
 */
import { findBinding } from './bound-type.ts'
import { contextOptionsSchema, readContextNames, readContextOptions, type ContextNames } from './context-names.ts'
import { memberNameOf, nodeAt, nodesAt, wordOf, type LintNode, type Rule } from './rule.ts'

// Functions of the package that give a context; their result in a module variable needs no annotation to be one.
const makers = new Set(['createForUser', 'deriveChild', 'currentContext'])

/** Refuses module-level variables and static fields that hold a context, by their type or by an assignment to them. */
export const noModuleContext: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'No module-level variable or static field that holds a user execution context.' },
    messages: {
      module:
        'A module-level variable is shared by all users. Pass the context as a parameter, or open a scope for it.',
      static: 'A static field is shared by all users. Pass the context as a parameter, or open a scope for it.',
    },
    schema: [{ type: 'object', additionalProperties: false, properties: contextOptionsSchema }],
  },
  create: (context) => {
    const options = readContextOptions(context.options[0])
    let names: ContextNames = { holds: () => false, is: () => false }
    const shared = new Map<string, LintNode>()
    const reported = new Set<LintNode>()
    const report = (node: LintNode, messageId: 'module' | 'static'): void => {
      if (!reported.has(node)) context.report({ node, messageId })
      reported.add(node)
    }
    // Of names that are each other's beginning, as in `var app = app || {}`, each is followed once.
    const isContextValue = (node: LintNode | undefined, seen: readonly LintNode[] = []): boolean => {
      if (node === undefined || seen.includes(node)) return false
      const holds = (part: LintNode | undefined): boolean => isContextValue(part, seen)
      if (isWrapper(node)) return holds(nodeAt(node, 'expression') ?? nodeAt(node, 'argument'))
      if (node.type === 'TSAsExpression' || node.type === 'TSSatisfiesExpression')
        return names.holds(nodeAt(node, 'typeAnnotation')) || holds(nodeAt(node, 'expression'))
      if (node.type === 'NewExpression') return isContainer(node, names)
      if (node.type === 'LogicalExpression') return holds(nodeAt(node, 'left')) || holds(nodeAt(node, 'right'))
      if (node.type === 'ConditionalExpression')
        return holds(nodeAt(node, 'consequent')) || holds(nodeAt(node, 'alternate'))
      if (node.type === 'ObjectExpression')
        return nodesAt(node, 'properties').some((property) => holds(nodeAt(property, 'value')))
      if (node.type === 'Identifier')
        return names.holds(parameterType(node)) || isContextValue(constantOf(node), [...seen, node])
      return node.type === 'CallExpression' && makers.has(calledName(node) ?? '')
    }
    const checkField = (node: LintNode): void => {
      const isHolder = names.holds(nodeAt(node, 'typeAnnotation')) || isContextValue(nodeAt(node, 'value'))
      if (node['static'] === true && isHolder) report(node, 'static')
    }
    return {
      Program: (program) => {
        names = readContextNames(program, options)
        for (const declarator of moduleDeclarators(program)) {
          const id = nodeAt(declarator, 'id')
          const name = wordOf(id)
          if (name !== undefined && id !== undefined) shared.set(name, id)
          if (id && (names.holds(nodeAt(id, 'typeAnnotation')) || isContextValue(nodeAt(declarator, 'init'))))
            report(id, 'module')
        }
      },
      AssignmentExpression: (node) => {
        const left = nodeAt(node, 'left')
        const name = left?.type === 'Identifier' ? wordOf(left) : undefined
        const variable = name === undefined || isShadowed(node, name) ? undefined : shared.get(name)
        if (variable && isContextValue(nodeAt(node, 'right'))) report(variable, 'module')
      },
      PropertyDefinition: checkField,
      AccessorProperty: checkField,
    }
  },
}

const moduleDeclarators = (program: LintNode): readonly LintNode[] =>
  nodesAt(program, 'body')
    .map((statement) => nodeAt(statement, 'declaration') ?? statement)
    .filter(({ type, declare }) => type === 'VariableDeclaration' && declare !== true)
    .flatMap((declaration) => nodesAt(declaration, 'declarations'))

const isWrapper = ({ type }: LintNode): boolean =>
  type === 'AwaitExpression' ||
  type === 'ParenthesizedExpression' ||
  type === 'TSNonNullExpression' ||
  type === 'ChainExpression'

// new Map<string, Context>(): the type arguments say what it will hold. A WeakMap does not keep its keys.
const isContainer = (node: LintNode, names: ContextNames): boolean => {
  const parameters = nodeAt(node, 'typeArguments') ?? nodeAt(node, 'typeParameters')
  const isHolder = ['Map', 'Set', 'Array'].includes(wordOf(nodeAt(node, 'callee')) ?? '')
  return isHolder && nodesAt(parameters, 'params').some((one) => names.holds(one))
}

const calledName = (call: LintNode): string | undefined => {
  const callee = nodeAt(call, 'callee')
  return callee?.type === 'MemberExpression' ? memberNameOf(callee) : wordOf(callee)
}

// The declared type of the parameter that a name stands for, searched outwards through the functions around it.
const parameterType = (identifier: LintNode): LintNode | undefined => {
  const name = wordOf(identifier)
  const found = functionsAround(identifier)
    .flatMap((one) => nodesAt(one, 'params'))
    .find((parameter) => wordOf(parameter) === name)
  return nodeAt(found, 'typeAnnotation')
}

// What the nearest variable of this name in a function around begins with. Of a module's variable the rule knows it.
const constantOf = (identifier: LintNode): LintNode | undefined => {
  const name = wordOf(identifier)!
  const { init, key } = findBinding(identifier, name) ?? {}
  return key === undefined && init !== undefined && functionsAround(init).length > 0 ? init : undefined
}

// A parameter or a variable of the same name in a function around hides the module's.
const isShadowed = (node: LintNode, name: string): boolean =>
  functionsAround(node).some((one) => {
    const body = nodesAt(nodeAt(one, 'body'), 'body').filter(({ type }) => type === 'VariableDeclaration')
    const declared = body
      .flatMap((declaration) => nodesAt(declaration, 'declarations'))
      .map((declarator) => wordOf(nodeAt(declarator, 'id')))
    return declared.includes(name) || nodesAt(one, 'params').some((parameter) => wordOf(parameter) === name)
  })

const functionsAround = (node: LintNode): readonly LintNode[] => {
  const found: LintNode[] = []
  for (let at = node.parent; at !== undefined && at !== null; at = at.parent)
    if (/Function/.test(at.type)) found.push(at)
  return found
}
