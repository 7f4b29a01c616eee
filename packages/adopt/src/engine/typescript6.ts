/**
 * Answers of the TypeScript 6 API: the other compiler behind the adapter in checker.ts, for platforms without a TypeScript 7 binary.
 * Beside the floors. checker-contract.test.ts holds both to equal answers.
 */
import { dirname } from 'node:path'
import type ts from 'typescript-6.0'
import { AdoptError } from '../adopt-error.ts'
import type {
  CheckedDiagnostic,
  CheckedProperty,
  CheckedSymbol,
  CheckedType,
  Checker,
  CheckerProject,
  NodeSpan,
  Overlay,
  TypeSort,
} from './checker.ts'
import type { ParseConfig, ProjectPlan } from './project-plan.ts'
import type { SourceTree } from './source-tree.ts'

type Compiler = typeof ts

/** Opens the planned programs; `plan` is given the compiler's own reading of a tsconfig. */
export const openTypeScript6 = (
  compiler: Compiler,
  tree: SourceTree,
  plan: (parse: ParseConfig) => ProjectPlan[],
): Checker => {
  const overlay = new Map<string, string>()
  const readFile = (path: string): string | undefined =>
    overlay.get(path) ?? tree.files.get(path)?.text ?? compiler.sys.readFile(path)
  const parseHost = { ...compiler.sys, readFile }
  const parseText = (file: string): ts.ParsedCommandLine => {
    const { config } = compiler.parseConfigFileTextToJson(file, readFile(file) ?? '{}')
    return compiler.parseJsonConfigFileContent(config, parseHost, dirname(file), {}, file)
  }
  const plans = plan((configFile) => {
    const { options, fileNames } = parseText(configFile)
    return { options: options as Record<string, unknown>, fileNames }
  })
  for (const { overlayFile, overlayText } of plans) overlay.set(overlayFile, overlayText)
  const programs = plans
    .map(({ overlayFile }) => parseText(overlayFile))
    .map(({ fileNames, options }) => {
      const host = compiler.createCompilerHost(options)
      const parsed = new Map<string, { text: string; file: ts.SourceFile }>()
      host.readFile = readFile
      host.fileExists = (path) => overlay.has(path) || compiler.sys.fileExists(path)
      host.getSourceFile = (path, target) => {
        const text = readFile(path)
        const known = parsed.get(path)
        if (text === undefined || known?.text === text) return text === undefined ? undefined : known!.file
        const file = compiler.createSourceFile(path, text, target, true)
        parsed.set(path, { text, file })
        return file
      }
      return { fileNames, options, host, program: undefined as ts.Program | undefined }
    })
  const build = (): CheckerProject[] =>
    plans.map((entry, at) => {
      const state = programs[at]!
      state.program = compiler.createProgram({
        rootNames: state.fileNames,
        options: state.options,
        host: state.host,
        ...(state.program && { oldProgram: state.program }),
      })
      return toCheckerProject(compiler, state.program, entry)
    })
  let projects = build()
  return {
    compiler: `typescript ${compiler.version}`,
    get projects() {
      return projects
    },
    failedNodes: [],
    update: (changes: Overlay) => {
      for (const [path, text] of changes) {
        if (text === undefined) overlay.delete(path)
        else overlay.set(path, text)
      }
      projects = build()
    },
    close: async () => undefined,
  }
}

const toCheckerProject = (compiler: Compiler, program: ts.Program, plan: ProjectPlan): CheckerProject => {
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
    files: plan.files,
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
    symbolOf: (type) => toSymbol(raw(type).aliasSymbol ?? raw(type).getSymbol()),
    isAssignable: (source, target) => checker.isTypeAssignableTo(raw(source), raw(target)),
    textOf: (type) => checker.typeToString(raw(type)),
  }
}

const toCheckedType = ({ TypeFlags, ObjectFlags, SymbolFlags }: Compiler, type: ts.Type, id: number): CheckedType => {
  const { flags } = type
  const sort: TypeSort =
    (type as ts.Type & { intrinsicName?: string }).intrinsicName === 'error'
      ? 'error'
      : flags & TypeFlags.Any
        ? 'any'
        : flags & TypeFlags.Unknown
          ? 'unknown'
          : flags & TypeFlags.Never
            ? 'never'
            : flags & (TypeFlags.Undefined | TypeFlags.Null | TypeFlags.Void)
              ? 'nullish'
              : flags & TypeFlags.Union
                ? 'union'
                : flags & TypeFlags.Intersection
                  ? 'intersection'
                  : flags & TypeFlags.Object
                    ? 'object'
                    : flags & TypeFlags.TypeParameter
                      ? 'parameter'
                      : flags &
                          (TypeFlags.Index |
                            TypeFlags.IndexedAccess |
                            TypeFlags.Conditional |
                            TypeFlags.Substitution |
                            TypeFlags.NonPrimitive)
                        ? 'other'
                        : 'primitive'
  const isAnonymous =
    (flags & TypeFlags.Object) !== 0 && ((type as ts.ObjectType).objectFlags & ObjectFlags.Anonymous) !== 0
  const fromLiteral = isAnonymous && ((type.getSymbol()?.flags ?? 0) & SymbolFlags.ObjectLiteral) !== 0
  return { id, sort, fromLiteral }
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
    method:
      (symbol.flags & SymbolFlags.Method) !== 0 ||
      ((symbol.flags & SymbolFlags.Accessor) !== 0 && (symbol.flags & SymbolFlags.Property) === 0),
    type: wrap(checker.getTypeOfSymbol(symbol))!,
  }))

/** TypeScript 6 has no batch of references in its checker: the names of the user's files are compared by symbol. */
const referencesTo = (
  compiler: Compiler,
  program: ts.Program,
  plan: ProjectPlan,
  at: ts.Node | undefined,
  toSymbol: (symbol: ts.Symbol | undefined) => CheckedSymbol | undefined,
): NodeSpan[] => {
  const checker = program.getTypeChecker()
  const wanted = at && toSymbol(checker.getSymbolAtLocation(at))
  if (!at || !wanted) return []
  const found: NodeSpan[] = []
  for (const file of plan.files) {
    const sourceFile = program.getSourceFile(file)
    const visit = (node: ts.Node): void => {
      const symbol =
        compiler.isIdentifier(node) || compiler.isStringLiteral(node) ? checker.getSymbolAtLocation(node) : undefined
      const shorthand =
        symbol && compiler.isShorthandPropertyAssignment(node.parent)
          ? checker.getShorthandAssignmentValueSymbol(node.parent)
          : undefined
      if (toSymbol(symbol)?.id === wanted.id || toSymbol(shorthand)?.id === wanted.id)
        found.push({ file, start: node.getStart(), end: node.end })
      node.forEachChild(visit)
    }
    sourceFile?.forEachChild(visit)
  }
  return found.sort((a, b) => (a.file === b.file ? a.start - b.start : a.file < b.file ? -1 : 1))
}

const toDiagnostic = (
  { start = 0, length = 0, code, messageText, relatedInformation, file }: ts.Diagnostic,
  asked: string,
): CheckedDiagnostic => {
  const related = (relatedInformation ?? []).flatMap((entry) => chain(entry.messageText))
  return {
    file: file?.fileName ?? asked,
    start,
    end: start + length,
    code,
    text: [...chain(messageText), ...related].join('\n'),
  }
}

const chain = (message: string | ts.DiagnosticMessageChain): string[] =>
  typeof message === 'string' ? [message] : [message.messageText, ...(message.next ?? []).flatMap(chain)]
