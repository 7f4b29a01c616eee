/**
 * Rule no-context-write: a field that is written makes another user of the context, and whoever holds it goes on for
 * that one. The type says `readonly`; these forms write past it.
 */
import { findBinding, unwrapped } from './bound-type.ts'
import { contextOptionsSchema, readContextNames, readContextOptions, type ContextNames } from './context-names.ts'
import { memberNameOf, nodeAt, nodesAt, wordOf, type LintNode, type Rule } from './rule.ts'

/** Library functions that change their first argument, whatever its type says. */
const writers: ReadonlySet<string> = new Set([
  'Object.assign',
  'Object.defineProperty',
  'Object.defineProperties',
  'Object.setPrototypeOf',
  'Reflect.set',
  'Reflect.defineProperty',
  'Reflect.deleteProperty',
  'Reflect.setPrototypeOf',
])

// Functions of the package that give a context; their result needs no annotation to be one.
const makers: ReadonlySet<string> = new Set(['createForUser', 'deriveChild', 'currentContext'])

/** Refuses writes into a context: by a library function, or by the name of a field past its type. */
export const noContextWrite: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'No write into a user execution context: it stays what createForUser() made.' },
    messages: {
      write:
        'This writes into a user execution context, which then belongs to whatever is written. Make a context of its ' +
        'own with createForUser(), or a child with deriveChild().',
    },
    schema: [{ type: 'object', additionalProperties: false, properties: contextOptionsSchema }],
  },
  create: (context) => {
    const options = readContextOptions(context.options[0])
    let names: ContextNames | undefined
    const isContext = (node: LintNode | undefined): boolean => {
      const value = unwrapped(node)
      if (value?.type === 'CallExpression') return makers.has(wordOf(nodeAt(value, 'callee')) ?? '')
      const binding = value?.type === 'Identifier' ? findBinding(value, wordOf(value)!) : undefined
      if (binding === undefined || binding.key !== undefined) return false
      if (binding.annotation !== undefined) return names?.is(binding.annotation) ?? false
      return isMade(binding.init) || isAsserted(binding.init)
    }
    const isMade = (init: LintNode | undefined): boolean => init?.type === 'CallExpression' && isContext(init)
    const isAsserted = (init: LintNode | undefined): boolean =>
      init?.type === 'TSAsExpression' && (names?.is(nodeAt(init, 'typeAnnotation')) ?? false)
    const report = (node: LintNode): void => context.report({ node, messageId: 'write' })
    const check = (node: LintNode, target: LintNode | undefined): void => {
      if (isPastType(target) && isContext(nodeAt(unwrapped(target), 'object'))) report(node)
    }
    return {
      Program: (program) => void (names = readContextNames(program, options)),
      CallExpression: (node) => {
        const [target] = nodesAt(node, 'arguments')
        if (isWriter(nodeAt(node, 'callee')) && isContext(target)) report(node)
      },
      AssignmentExpression: (node) => check(node, nodeAt(node, 'left')),
      UpdateExpression: (node) => check(node, nodeAt(node, 'argument')),
      UnaryExpression: (node) => {
        if (node['operator'] === 'delete') check(node, nodeAt(node, 'argument'))
      },
    }
  },
}

/** The object of the member is asserted: without that the compiler refuses the write itself. */
const isPastType = (target: LintNode | undefined): boolean => {
  const object = nodeAt(unwrapped(target), 'object')
  const inner = object?.type === 'ParenthesizedExpression' ? nodeAt(object, 'expression') : object
  return inner?.type === 'TSAsExpression' || inner?.type === 'TSTypeAssertion'
}

/** Whether the callee is such a function, also under a name that the file gives it. */
const isWriter = (callee: LintNode | undefined): boolean => {
  const node = unwrapped(callee)
  const binding = node?.type === 'Identifier' ? findBinding(node, wordOf(node)!) : undefined
  if (!binding) return writers.has(pathOf(node))
  const path = pathOf(unwrapped(binding.init))
  return writers.has(binding.key === undefined ? path : `${path}.${binding.key}`)
}

/** `Object.assign`, the global object left out. */
const pathOf = (node: LintNode | undefined): string => {
  if (node?.type === 'Identifier') return wordOf(node)!
  if (node?.type !== 'MemberExpression') return ''
  const path = `${pathOf(unwrapped(nodeAt(node, 'object')))}.${memberNameOf(node)}`
  return path.replace(/^(?:globalThis|window|global|self)\./, '')
}
