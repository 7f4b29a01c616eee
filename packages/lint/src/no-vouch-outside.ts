/**
 * Rule no-vouch-outside: vouchForUser() makes a user without a proof of identity, so the files that may call it are listed.
 */
import { isContextModule } from './context-names.ts'
import { isAllowedFile } from './file-glob.ts'
import { memberNameOf, nodeAt, nodesAt, wordOf, type LintNode, type Rule } from './rule.ts'

const name = 'vouchForUser'
const door = 'user-execution-context/restricted'

/** Refuses every way to get hold of vouchForUser in a file that the `allow` globs do not name. */
export const noVouchOutside: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'vouchForUser() only in the files that the allow list names.' },
    messages: {
      vouch:
        'vouchForUser() makes a user whom nobody verified. Use the user of an identityProvider(), or add this file to the allow list of the rule.',
      door: 'The restricted door is opened as a whole. Import vouchForUser by name in a file of the allow list.',
    },
    schema: [
      {
        type: 'object',
        additionalProperties: false,
        properties: { allow: { type: 'array', items: { type: 'string', minLength: 1 } } },
      },
    ],
  },
  create: (context) => {
    const { allow } = (context.options[0] ?? {}) as { readonly allow?: readonly string[] }
    if (isAllowedFile(context.filename, context.cwd, allow ?? [])) return {}
    const report = (node: LintNode, messageId: 'vouch' | 'door'): void => context.report({ node, messageId })
    const isDoor = (node: LintNode | undefined): boolean => wordOf(node) === door
    return {
      ImportDeclaration: (node) => {
        const source = wordOf(nodeAt(node, 'source')) ?? ''
        for (const specifier of nodesAt(node, 'specifiers')) {
          const imported = wordOf(nodeAt(specifier, 'imported'))
          if (imported === name && isContextModule(source, [door])) report(specifier, 'vouch')
          else if (specifier.type !== 'ImportSpecifier' && source === door) report(specifier, 'door')
        }
      },
      ExportNamedDeclaration: (node) => {
        if (nodeAt(node, 'source') === undefined) return
        for (const specifier of nodesAt(node, 'specifiers'))
          if (wordOf(nodeAt(specifier, 'local')) === name) report(specifier, 'vouch')
      },
      ExportAllDeclaration: (node) => {
        if (isDoor(nodeAt(node, 'source'))) report(node, 'door')
      },
      ImportExpression: (node) => {
        if (isDoor(nodeAt(node, 'source'))) report(node, 'door')
      },
      CallExpression: (node) => {
        if (wordOf(nodeAt(node, 'callee')) === 'require' && isDoor(nodesAt(node, 'arguments')[0])) report(node, 'door')
      },
      MemberExpression: (node) => {
        if (memberNameOf(node) === name) report(node, 'vouch')
      },
    }
  },
}
