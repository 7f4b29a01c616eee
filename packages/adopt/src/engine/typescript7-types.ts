/**
 * Reads types, properties and diagnostics of TypeScript 7 into the adapter's own.
 */
import type { Checker as Checker7, NodeHandle, Project, Symbol as Symbol7, Type } from 'typescript/unstable/sync'
import type { ParameterDeclaration } from 'typescript/unstable/ast'
import type { CheckedDiagnostic, CheckedProperty, CheckedSignature, CheckedType, NodeSpan } from './checker.ts'
import { typesOfSymbols } from './compiler-panics.ts'
import { sortOf } from './type-sort.ts'

type Sync = typeof import('typescript/unstable/sync')

export const membersOf = (type: Type): readonly Type[] =>
  type.isUnionType() || type.isIntersectionType() ? type.getTypes() : [type]
export const typeArgumentsOf = (checker: Checker7, type: Type): readonly Type[] =>
  type.isTypeReference() ? checker.getTypeArguments(type) : []

/**
 * The type of the object literal that a value was written as: its own, or what `Object.freeze` made read-only. A
 * widened literal type has lost its flag and kept its symbol.
 *
 * @param symbolOf asks the compiler
 */
export const literalBehind = (
  sync: Sync,
  type: Type,
  symbolOf: (type: Type) => Symbol7 | undefined,
): Type | undefined => {
  if (!type.isObjectType()) return undefined
  const { ObjectFlags, SymbolFlags } = sync
  if ((type.objectFlags & ObjectFlags.Anonymous) !== 0)
    return ((symbolOf(type)?.flags ?? 0) & SymbolFlags.ObjectLiteral) !== 0 ? type : undefined
  if ((type.objectFlags & ObjectFlags.Mapped) === 0 || type.getAliasSymbol()?.name !== 'Readonly') return undefined
  const [written] = type.getAliasTypeArguments()
  return written && literalBehind(sync, written, symbolOf)
}

/** @param symbolOf asks the compiler */
export const toCheckedType = (sync: Sync, type: Type, symbolOf: (type: Type) => Symbol7 | undefined): CheckedType => {
  let fromLiteral: boolean | undefined
  return {
    id: type.id,
    sort: type.isErrorType() ? 'error' : sortOf(sync.TypeFlags, type.flags),
    // Asked only when somebody looks: it is a call.
    get fromLiteral() {
      return (fromLiteral ??= literalBehind(sync, type, symbolOf) !== undefined)
    },
  }
}

type PropertyParts = {
  readonly wrap: (type: Type) => CheckedType | undefined
  readonly spanOf: (handle: NodeHandle) => NodeSpan | undefined
  readonly texts: ReadonlyMap<string, string>
}

export const propertiesOf = (
  { SymbolFlags }: Sync,
  checker: Checker7,
  type: Type,
  { wrap, spanOf, texts }: PropertyParts,
): CheckedProperty[] => {
  const symbols = checker.getPropertiesOfType(type)
  const types = typesOfSymbols(checker, symbols)
  return symbols.flatMap((symbol, at) => {
    const wrapped = types[at] && wrap(types[at])
    if (!wrapped) return []
    const declaration = symbol.valueDeclaration && spanOf(symbol.valueDeclaration)
    const head = declaration
      ? (texts.get(declaration.file) ?? '').slice(declaration.start, declaration.end).split(/[:=({]/, 1)[0]!
      : ''
    return [
      {
        name: symbol.name,
        optional: (symbol.flags & SymbolFlags.Optional) !== 0,
        readonly: /\breadonly\b/.test(head),
        hidden: /^[^=:]*\b(?:private|protected)\b|^#/.test(head) || symbol.name.startsWith('\u00ab#'),
        method:
          (symbol.flags & SymbolFlags.Method) !== 0 ||
          ((symbol.flags & SymbolFlags.Accessor) !== 0 && (symbol.flags & SymbolFlags.Property) === 0),
        type: wrapped,
      },
    ]
  })
}

/** Parts are asked for when somebody looks: each is a call. */
export const signaturesOf = (
  { SignatureKind }: Sync,
  checker: Checker7,
  type: Type,
  kind: CheckedSignature['kind'],
  { wrap, project }: { readonly wrap: (type: Type | undefined) => CheckedType | undefined; readonly project: Project },
): CheckedSignature[] =>
  checker
    .getSignaturesOfType(type, kind === 'call' ? SignatureKind.Call : SignatureKind.Construct)
    .map((signature): CheckedSignature => {
      const parameters = asked(() => {
        const symbols = signature.getParameters()
        const types = symbols.length === 0 ? [] : checker.getTypeOfSymbol(symbols)
        return types.flatMap((one) => wrap(one) ?? [])
      })
      const requiredCount = asked(() => signature.getParameters().findLastIndex((one) => isRequired(one, project)) + 1)
      const typeParameters = asked(() => signature.getTypeParameters().flatMap((one) => wrap(one) ?? []))
      const returns = asked(() => wrap(checker.getReturnTypeOfSignature(signature)))
      return {
        kind,
        get parameters() {
          return parameters()
        },
        hasRest: signature.hasRestParameter,
        get requiredCount() {
          return requiredCount()
        },
        get typeParameters() {
          return typeParameters()
        },
        get returns() {
          return returns()
        },
      }
    })

const isRequired = ({ valueDeclaration }: Symbol7, project: Project): boolean => {
  const { questionToken, initializer, dotDotDotToken } = (valueDeclaration?.resolve(project) ??
    {}) as Partial<ParameterDeclaration>
  return !(questionToken ?? initializer ?? dotDotDotToken)
}

/** An answer that is asked for at the first look. */
const asked = <Answer>(ask: () => Answer): (() => Answer) => {
  let answer: { readonly value: Answer } | undefined
  return () => (answer ??= { value: ask() }).value
}

export const diagnosticsOf = ({ program }: Project, file: string): CheckedDiagnostic[] =>
  [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((diagnostic) => ({
    file: diagnostic.fileName ?? file,
    start: diagnostic.pos,
    end: diagnostic.end,
    code: diagnostic.code,
    text: textOf(diagnostic).join('\n'),
  }))

type Chained = {
  readonly text: string
  readonly messageChain?: readonly Chained[] | undefined
  readonly relatedInformation?: readonly Chained[] | undefined
}
const textOf = (diagnostic: Chained): string[] => [
  diagnostic.text,
  ...(diagnostic.messageChain ?? []).flatMap(textOf),
  ...(diagnostic.relatedInformation ?? []).flatMap(textOf),
]
