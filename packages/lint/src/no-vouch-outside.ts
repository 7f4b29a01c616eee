/**
 * Rule no-vouch-outside: vouchForUser() makes a user without a proof of identity, so a list names the files that may
 * call it.
 */
import { findBinding } from './bound-type.ts'
import { isContextModule } from './context-names.ts'
import { isAllowedFile } from './file-glob.ts'
import { keyNameOf, memberNameOf, nodeAt, nodesAt, wordOf, type LintNode, type Rule } from './rule.ts'

const name = 'vouchForUser'
const restrictedEntry = 'user-execution-context/restricted'

/** Refuses every way to get hold of vouchForUser in a file that the `allow` globs do not name. */
export const noVouchOutside: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'vouchForUser() only in the files that the allow list names.' },
    messages: {
      vouch:
        'vouchForUser() makes a user whom no identity provider verified. Use the user of an identityProvider(), ' +
        'or add this file to the allow list of the rule.',
      whole: 'This imports all of the restricted entry point. Import vouchForUser by name in a file of the allow list.',
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
    const report = (node: LintNode, messageId: 'vouch' | 'whole'): void => context.report({ node, messageId })
    const isRestricted = (node: LintNode | undefined): boolean => wordOf(node) === restrictedEntry
    return {
      ImportDeclaration: (node) => {
        const source = wordOf(nodeAt(node, 'source')) ?? ''
        for (const specifier of nodesAt(node, 'specifiers')) {
          const imported = wordOf(nodeAt(specifier, 'imported'))
          if (imported === name && isContextModule(source, [restrictedEntry])) report(specifier, 'vouch')
          else if (specifier.type !== 'ImportSpecifier' && source === restrictedEntry) report(specifier, 'whole')
        }
      },
      ExportNamedDeclaration: (node) => {
        if (nodeAt(node, 'source') === undefined) return
        for (const specifier of nodesAt(node, 'specifiers'))
          if (wordOf(nodeAt(specifier, 'local')) === name) report(specifier, 'vouch')
      },
      ExportAllDeclaration: (node) => {
        if (isRestricted(nodeAt(node, 'source'))) report(node, 'whole')
      },
      ImportExpression: (node) => {
        if (isRestricted(nodeAt(node, 'source'))) report(node, 'whole')
      },
      CallExpression: (node) => {
        if (isRequire(nodeAt(node, 'callee')) && isRestricted(nodesAt(node, 'arguments')[0])) report(node, 'whole')
      },
      TSExternalModuleReference: (node) => {
        if (isRestricted(nodeAt(node, 'expression'))) report(node, 'whole')
      },
      ObjectPattern: (node) => {
        for (const property of nodesAt(node, 'properties')) if (keyNameOf(property) === name) report(property, 'vouch')
      },
      MemberExpression: (node) => {
        if (memberNameOf(node) === name) report(node, 'vouch')
      },
    }
  },
}

/** `require`, `module.require`, `createRequire(url)`, and a name that was given to what that gave. */
const isRequire = (callee: LintNode | undefined, seen: readonly LintNode[] = []): boolean => {
  if (callee === undefined || seen.includes(callee)) return false
  switch (callee.type) {
    case 'Identifier':
      return wordOf(callee) === 'require' || isRequire(findBinding(callee, wordOf(callee)!)?.init, [...seen, callee])
    case 'MemberExpression':
      return memberNameOf(callee) === 'require'
    case 'CallExpression': {
      const maker = nodeAt(callee, 'callee')
      return (maker?.type === 'MemberExpression' ? memberNameOf(maker) : wordOf(maker)) === 'createRequire'
    }
    default:
      return false
  }
}
