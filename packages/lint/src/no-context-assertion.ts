/**
 * Rule no-context-assertion: `as` and `<T>` make a context out of anything, and the compiler then believes it.
 */
import { contextOptionsSchema, readContextNames, readContextOptions, type ContextNames } from './context-names.ts'
import { nodeAt, nodesAt, wordOf, type LintNode, type Rule } from './rule.ts'

/** Refuses assertions to the context type (also in a union or container), double ones, and type predicates for it. */
export const noContextAssertion: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'No type assertion to the user execution context: only createForUser() makes one.' },
    messages: {
      assertion:
        'This assertion turns an unverified value into a user execution context. Call createForUser(), or take the ' +
        'context as a parameter.',
      double: 'A double assertion compiles for every value. Call createForUser(), in a test with vouchForUser().',
      predicate:
        'This type predicate is an assertion in disguise. Use isUserExecutionContext() or ' +
        'assertUserExecutionContext() of the package.',
    },
    schema: [{ type: 'object', additionalProperties: false, properties: contextOptionsSchema }],
  },
  create: (context) => {
    const options = readContextOptions(context.options[0])
    let names: ContextNames | undefined
    const check = (node: LintNode): void => {
      const type = nodeAt(node, 'typeAnnotation')
      if (!names?.holds(type) || isNothing(withoutParentheses(nodeAt(node, 'expression')), type)) return
      context.report({
        node,
        messageId: isAssertion(withoutParentheses(nodeAt(node, 'expression'))) ? 'double' : 'assertion',
      })
    }
    return {
      Program: (program) => void (names = readContextNames(program, options)),
      TSAsExpression: check,
      TSTypeAssertion: check,
      TSTypePredicate: (node) => {
        if (!names?.holds(nodeAt(node, 'typeAnnotation'))) return
        // `value is T` of a `T | undefined` tells two cases apart and proves nothing new.
        const guard = nodeAt(nodeAt(node, 'parent'), 'parent')
        // Whoever gives such a guard wrote it.
        if (guard && isTypeOfParameter(guard)) return
        const name = wordOf(nodeAt(node, 'parameterName'))
        const judged = nodesAt(guard, 'params').find((parameter) => wordOf(parameter) === name)
        const annotation = nodeAt(judged, 'typeAnnotation')
        if (annotation ? names.holds(annotation) : isAbsenceTest(nodeAt(guard, 'body'), name)) return
        context.report({ node, messageId: 'predicate' })
      },
    }
  },
}

/** `(is: (value: unknown) => value is T) => …`: the function type in it. */
const isTypeOfParameter = (type: LintNode): boolean => {
  const parameter = nodeAt(nodeAt(type, 'parent'), 'parent')
  return type.type === 'TSFunctionType' && nodesAt(nodeAt(parameter, 'parent'), 'params').includes(parameter!)
}

/** `[]` as a list, `null` as a context or null, `Object.create(null)` as a record: they hold nothing. */
const isNothing = (value: LintNode | undefined, type: LintNode | undefined): boolean => {
  switch (value?.type) {
    case 'ArrayExpression':
      return nodesAt(value, 'elements').length === 0
    case 'CallExpression': {
      const callee = nodeAt(value, 'callee')
      const [given] = nodesAt(value, 'arguments')
      const isBare = wordOf(nodeAt(callee, 'object')) === 'Object' && wordOf(nodeAt(callee, 'property')) === 'create'
      return isBare && isNull(given) && wordOf(nodeAt(type, 'typeName')) === 'Record'
    }
    default:
      return nodesAt(type, 'types').some(({ type: kind }) =>
        isNull(value)
          ? kind === 'TSNullKeyword'
          : value?.type === 'Identifier' && wordOf(value) === 'undefined' && kind === 'TSUndefinedKeyword',
      )
  }
}

const isNull = (value: LintNode | undefined): boolean => value?.type === 'Literal' && value['value'] === null

/** `(one) => one !== undefined`: what such a callback is given has its type elsewhere, which the rule does not see. */
const isAbsenceTest = (body: LintNode | undefined, name: string | undefined): boolean => {
  if (body?.type !== 'BinaryExpression' || !/^!==?$/.test(String(body['operator']))) return false
  const sides = [nodeAt(body, 'left'), nodeAt(body, 'right')]
  const isAbsent = (side: LintNode | undefined): boolean => wordOf(side) === 'undefined' || isNull(side)
  return sides.some((side) => side?.type === 'Identifier' && wordOf(side) === name) && sides.some(isAbsent)
}

const isAssertion = (node: LintNode | undefined): boolean =>
  node?.type === 'TSAsExpression' || node?.type === 'TSTypeAssertion'

const withoutParentheses = (node: LintNode | undefined): LintNode | undefined =>
  node?.type === 'ParenthesizedExpression' || node?.type === 'TSNonNullExpression'
    ? withoutParentheses(nodeAt(node, 'expression'))
    : node
