/**
 * Rule no-loose-method: TypeScript compares the parameters of methods both ways, so a method for a context passes for
 * one that takes anything, and whoever holds the object under that type gives it a value that nobody made.
 */
import { contextOptionsSchema, readContextNames, readContextOptions, type ContextNames } from './context-names.ts'
import { nodeAt, nodesAt, wordOf, type LintNode, type Rule } from './rule.ts'

/** Refuses a method for a context where the type that it stands for, in the same file, takes anything in its place. */
export const noLooseMethod: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'No method that takes a context stands for one that takes anything.' },
    messages: {
      loose:
        'The type that this method stands for takes anything here, so that a value that nobody made reaches it. ' +
        'Declare the context in that type too.',
    },
    schema: [{ type: 'object', additionalProperties: false, properties: contextOptionsSchema }],
  },
  create: (context) => {
    const options = readContextOptions(context.options[0])
    let names: ContextNames = { holds: () => false, is: () => false }
    let declared: ReadonlyMap<string, LintNode> = new Map()
    /** What the type declares for each method, same-file bases included. Of a method with several signatures none. */
    const methodsOf = (type: LintNode | undefined, seen: readonly LintNode[] = []): Map<string, LintNode> => {
      const own = typeOf(type, declared)
      if (!own || seen.includes(own)) return new Map()
      const found = new Map<string, LintNode>()
      for (const base of basesOf(own))
        for (const [name, method] of methodsOf(base, [...seen, own])) found.set(name, method)
      const members = membersOf(own).filter(isMethod)
      const named = members.map((member) => wordOf(nodeAt(member, 'key')))
      members.forEach((member, at) => {
        const name = named[at]
        if (name === undefined || member['static'] === true) return
        if (named.indexOf(name) === named.lastIndexOf(name)) found.set(name, member)
        else found.delete(name)
      })
      return found
    }
    const compare = (members: readonly LintNode[], type: LintNode | undefined): void => {
      const wanted = methodsOf(type)
      for (const member of members) {
        const loose = paramsOf(wanted.get(wordOf(nodeAt(member, 'key')) ?? ''))
        paramsOf(member).forEach((parameter, at) => {
          if (names.is(annotationOf(parameter)) && takesAnything(annotationOf(loose[at]), names))
            context.report({ node: parameter, messageId: 'loose' })
        })
      }
    }
    const checkClass = (node: LintNode): void => {
      const methods = membersOf(node).filter((member) => isMethod(member) && member['static'] !== true)
      for (const base of basesOf(node)) compare(methods, base)
    }
    return {
      Program: (program) => {
        names = readContextNames(program, options)
        declared = declarationsOf(program)
      },
      ClassDeclaration: checkClass,
      ClassExpression: checkClass,
      VariableDeclarator: (node) => {
        const value = nodeAt(node, 'init')
        if (value?.type === 'ObjectExpression') compare(nodesAt(value, 'properties'), annotationOf(nodeAt(node, 'id')))
      },
    }
  },
}

/** Interfaces, classes and aliases of the file. */
const declarationsOf = (program: LintNode): ReadonlyMap<string, LintNode> => {
  const found = new Map<string, LintNode>()
  for (const statement of nodesAt(program, 'body')) {
    const declaration = nodeAt(statement, 'declaration') ?? statement
    const name = wordOf(nodeAt(declaration, 'id'))
    if (name !== undefined && kinds.has(declaration.type)) found.set(name, declaration)
  }
  return found
}

const kinds: ReadonlySet<string> = new Set(['TSInterfaceDeclaration', 'ClassDeclaration', 'TSTypeAliasDeclaration'])

/** What stands behind a type or behind the name of a base: a declaration of the file, or the type literal itself. */
const typeOf = (type: LintNode | undefined, declared: ReadonlyMap<string, LintNode>): LintNode | undefined => {
  if (type?.type === 'TSTypeLiteral') return type
  const name = wordOf(nodeAt(type, 'typeName') ?? nodeAt(type, 'expression') ?? type)
  const found = name === undefined ? undefined : declared.get(name)
  return found?.type === 'TSTypeAliasDeclaration' ? typeOf(nodeAt(found, 'typeAnnotation'), new Map()) : found
}

const basesOf = (node: LintNode): readonly LintNode[] => {
  const superClass = nodeAt(node, 'superClass')
  return [...nodesAt(node, 'implements'), ...nodesAt(node, 'extends'), ...(superClass ? [superClass] : [])]
}

const membersOf = (node: LintNode): readonly LintNode[] =>
  node.type === 'TSTypeLiteral' ? nodesAt(node, 'members') : nodesAt(nodeAt(node, 'body'), 'body')

/** Methods alone: what is declared as a field with a function is compared one way, and the compiler refuses it. */
const isMethod = ({ type, kind }: LintNode): boolean =>
  type === 'TSMethodSignature' || (/^(TSAbstract)?MethodDefinition$/.test(type) && kind === 'method')

const paramsOf = (member: LintNode | undefined): readonly LintNode[] =>
  nodesAt(nodeAt(member, 'value') ?? member, 'params')

const annotationOf = (parameter: LintNode | undefined): LintNode | undefined =>
  nodeAt(nodeAt(parameter, 'typeAnnotation'), 'typeAnnotation')

/** Not a context, and no name whose meaning stands elsewhere. */
const takesAnything = (type: LintNode | undefined, names: ContextNames): boolean => {
  if (type === undefined) return false
  if (type.type === 'TSUnionType')
    return nodesAt(type, 'types').some((one) => !names.is(one) && !isNothing(one) && takesAnything(one, names))
  return /^TS(?:Any|Unknown|Object|String|Number|Boolean|BigInt|Symbol)Keyword$|^TSTypeLiteral$/.test(type.type)
}

const isNothing = ({ type }: LintNode): boolean => /^TS(?:Undefined|Null|Void|Never)Keyword$/.test(type)
