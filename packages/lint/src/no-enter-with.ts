/**
 * Rule no-enter-with: AsyncLocalStorage.enterWith() leaves its value behind for whatever runs next, also for the
 * request of another user.
 */
import { keyNameOf, memberNameOf, nodesAt, type Rule } from './rule.ts'

/** Refuses `enterWith`, called, read or destructured. */
export const noEnterWith: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'No AsyncLocalStorage.enterWith(): the context would leak into whatever runs next.' },
    messages: {
      enterWith:
        'enterWith() leaks into whatever runs next, also for another user. Use run() with a callback, or runInScope().',
    },
    schema: [],
  },
  create: (context) => ({
    MemberExpression: (node) => {
      if (memberNameOf(node) === 'enterWith') context.report({ node, messageId: 'enterWith' })
    },
    ObjectPattern: (node) => {
      for (const property of nodesAt(node, 'properties')) {
        if (keyNameOf(property) === 'enterWith') context.report({ node: property, messageId: 'enterWith' })
      }
    },
  }),
}
