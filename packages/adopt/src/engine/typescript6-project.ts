/**
 * The answers of one TypeScript 6 program.
 */
import type ts from 'typescript-6.0'
import { AdoptError } from '../adopt-error.ts'
import type {
  CheckedProperty,
  CheckedSignature,
  CheckedSymbol,
  CheckedType,
  CheckerProject,
  NodeSpan,
} from './checker.ts'
import type { ProjectPlan } from './project-plan.ts'
import { sortOf } from './type-sort.ts'
import { referencesTo, toDiagnostic } from './typescript6-files.ts'

type Compiler = typeof ts

export const toCheckerProject = (compiler: Compiler, program: ts.Program, plan: ProjectPlan): CheckerProject => {
  const checker = program.getTypeChecker()
  const types = new Map<number, ts.Type>()
  const symbolIds = new Map<ts.Symbol, number>()
  const wrap = (type: ts.Type | undefined): CheckedType | undefined => {
    if (!type) return undefined
    const id = (type as ts.Type & { id: number }).id
    types.set(id, type)
    return toCheckedType(compiler, type, id)
  }
  const raw = (type: CheckedType): ts.Type => {
    const known = types.get(type.id)
    if (!known)
      throw new AdoptError('ENGINE_FAILED', 'A type of an earlier state of the program was used after an update.')
    return known
  }
  const nodeAt = ({ file, start, end }: NodeSpan): ts.Node | undefined => {
    const sourceFile = program.getSourceFile(file)
    let best: ts.Node | undefined
    const visit = (node: ts.Node): void => {
      if (node.pos > start || node.end < end) return
      if (node.end === end) best = node
      // What follows `implements` has a type; its name alone has none.
      if (best === node && compiler.isExpressionWithTypeArguments(node) && node.getStart() === start) return
      node.forEachChild(visit)
    }
    sourceFile?.forEachChild(visit)
    return best
  }
  const spanOf = (node: ts.Node): NodeSpan => ({
    file: node.getSourceFile().fileName,
    start: node.getStart(),
    end: node.end,
  })
  const toSymbol = (symbol: ts.Symbol | undefined): CheckedSymbol | undefined => {
    if (!symbol) return undefined
    const target = symbol.flags & compiler.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    if (checker.isUnknownSymbol(target)) return undefined
    if (!symbolIds.has(target)) symbolIds.set(target, symbolIds.size + 1)
    return { id: symbolIds.get(target)!, name: target.name, declarations: (target.declarations ?? []).map(spanOf) }
  }
  const each = <T>(nodes: readonly NodeSpan[], ask: (node: ts.Node) => T): (T | undefined)[] =>
    nodes.map((span) => {
      const node = nodeAt(span)
      return node && ask(node)
    })
  return {
    configFile: plan.configFile,
    isOrphans: plan.isOrphans,
    files: plan.roots,
    diagnostics: (files) =>
      files.flatMap((file) => {
        const sourceFile = program.getSourceFile(file)
        if (!sourceFile) return []
        return [...program.getSyntacticDiagnostics(sourceFile), ...program.getSemanticDiagnostics(sourceFile)].map(
          (entry) => toDiagnostic(entry, file),
        )
      }),
    typesAt: (nodes) => each(nodes, (node) => wrap(checker.getTypeAtLocation(node))),
    contextualTypes: (nodes) => each(nodes, (node) => wrap(checker.getContextualType(node as ts.Expression))),
    symbolsAt: (nodes) => each(nodes, (node) => toSymbol(checker.getSymbolAtLocation(node))),
    valueSymbolsAt: (nodes) =>
      each(nodes, (node) =>
        toSymbol(checker.getShorthandAssignmentValueSymbol(node.parent) ?? checker.getSymbolAtLocation(node)),
      ),
    referencesTo: (span) => referencesTo(compiler, program, plan, nodeAt(span), toSymbol),
    calledDeclarations: (calls) =>
      each(calls, (node) => {
        const declaration = checker.getResolvedSignature(node as ts.CallLikeExpression)?.declaration
        return declaration && spanOf(declaration)
      }),
    membersOf: (type) =>
      type.sort === 'union' || type.sort === 'intersection'
        ? (raw(type) as ts.UnionOrIntersectionType).types.map((member) => wrap(member)!)
        : [type],
    typeArgumentsOf: (type) => {
      const reference = raw(type) as ts.TypeReference
      return reference.target ? checker.getTypeArguments(reference).map((argument) => wrap(argument)!) : []
    },
    baseTypesOf: (type) =>
      (raw(type).isClassOrInterface() ? checker.getBaseTypes(raw(type) as ts.InterfaceType) : []).map((base) =>
        wrap(base)!,
      ),
    constraintOf: (type) => (type.sort === 'parameter' ? wrap(checker.getBaseConstraintOfType(raw(type))) : undefined),
    propertiesOf: (type) => propertiesOf(compiler, checker, raw(type), wrap),
    indexTypesOf: (type) => checker.getIndexInfosOfType(raw(type)).map((info) => wrap(info.type)!),
    callSignaturesOf: (type) => signaturesOf(compiler, checker, raw(type), 'call', wrap),
    constructSignaturesOf: (type) => signaturesOf(compiler, checker, raw(type), 'construct', wrap),
    symbolOf: (type) => {
      const literal = literalBehind(compiler, raw(type))
      return toSymbol(literal ? literal.getSymbol() : (raw(type).aliasSymbol ?? raw(type).getSymbol()))
    },
    isAssignable: (source, target) => checker.isTypeAssignableTo(raw(source), raw(target)),
    textOf: (type) => checker.typeToString(raw(type)),
    // Nothing is gained: each question is a call.
    askTogether: () => undefined,
    fileNames: () =>
      program
        .getSourceFiles()
        .filter((file) => !program.isSourceFileDefaultLibrary(file))
        .map(({ fileName }) => fileName),
    forgetFiles: () => undefined,
  }
}

/** The type of the object literal that a value was written as: its own, or what `Object.freeze` made read-only. */
const literalBehind = (compiler: Compiler, type: ts.Type): ts.Type | undefined => {
  const { TypeFlags, ObjectFlags, SymbolFlags } = compiler
  const flags = (type.flags & TypeFlags.Object) === 0 ? 0 : (type as ts.ObjectType).objectFlags
  if ((flags & ObjectFlags.Anonymous) !== 0)
    return ((type.getSymbol()?.flags ?? 0) & SymbolFlags.ObjectLiteral) !== 0 ? type : undefined
  const written = (flags & ObjectFlags.Mapped) !== 0 && type.aliasSymbol?.name === 'Readonly'
  return written && type.aliasTypeArguments?.[0] ? literalBehind(compiler, type.aliasTypeArguments[0]) : undefined
}

const toCheckedType = (compiler: Compiler, type: ts.Type, id: number): CheckedType => {
  const isError = (type as ts.Type & { intrinsicName?: string }).intrinsicName === 'error'
  const fromLiteral = literalBehind(compiler, type) !== undefined
  return { id, sort: isError ? 'error' : sortOf(compiler.TypeFlags, type.flags), fromLiteral }
}

const propertiesOf = (
  { SymbolFlags, getCombinedModifierFlags, ModifierFlags }: Compiler,
  checker: ts.TypeChecker,
  type: ts.Type,
  wrap: (type: ts.Type) => CheckedType | undefined,
): CheckedProperty[] =>
  checker.getPropertiesOfType(type).map((symbol) => ({
    name: symbol.name,
    optional: (symbol.flags & SymbolFlags.Optional) !== 0,
    readonly:
      symbol.valueDeclaration !== undefined &&
      (getCombinedModifierFlags(symbol.valueDeclaration as ts.Declaration) & ModifierFlags.Readonly) !== 0,
    hidden:
      symbol.name.startsWith('__#') ||
      (symbol.valueDeclaration !== undefined &&
        (getCombinedModifierFlags(symbol.valueDeclaration as ts.Declaration) &
          (ModifierFlags.Private | ModifierFlags.Protected)) !==
          0),
    method:
      (symbol.flags & SymbolFlags.Method) !== 0 ||
      ((symbol.flags & SymbolFlags.Accessor) !== 0 && (symbol.flags & SymbolFlags.Property) === 0),
    type: wrap(checker.getTypeOfSymbol(symbol))!,
  }))

const signaturesOf = (
  { SignatureKind, isParameter }: Compiler,
  checker: ts.TypeChecker,
  type: ts.Type,
  kind: CheckedSignature['kind'],
  wrap: (type: ts.Type | undefined) => CheckedType | undefined,
): CheckedSignature[] =>
  checker
    .getSignaturesOfType(type, kind === 'call' ? SignatureKind.Call : SignatureKind.Construct)
    .map((signature): CheckedSignature => {
      const last = signature.parameters.at(-1)?.valueDeclaration
      return {
        kind,
        parameters: signature.parameters.flatMap((symbol) => wrap(checker.getTypeOfSymbol(symbol)) ?? []),
        hasRest: last !== undefined && isParameter(last) && last.dotDotDotToken !== undefined,
        requiredCount:
          signature.parameters.findLastIndex(({ valueDeclaration: one }) => {
            const mayLack = one && isParameter(one) && (one.questionToken ?? one.initializer ?? one.dotDotDotToken)
            return !mayLack
          }) + 1,
        typeParameters: (signature.typeParameters ?? []).flatMap((one) => wrap(one) ?? []),
        returns: wrap(signature.getReturnType()),
      }
    })
