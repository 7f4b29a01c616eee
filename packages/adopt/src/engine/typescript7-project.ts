/**
 * The answers of one TypeScript 7 program. A call costs about 0.1 ms, so nodes are asked in batches and types are kept
 * by id.
 */
import type { NodeHandle, Project, Signature, Symbol as Symbol7, Type } from 'typescript/unstable/sync'
import type { Expression, Node } from 'typescript/unstable/ast'
import { AdoptError } from '../adopt-error.ts'
import type { AskTogether, CheckedSymbol, CheckedType, CheckerProject, NodeSpan } from './checker.ts'
import { isEmptyTuple, isPanic, partsOf } from './compiler-panics.ts'
import { indexNodes, type NodeIndex, skipTrivia } from './node-index.ts'
import type { ProjectPlan } from './project-plan.ts'
import {
  diagnosticsOf,
  literalBehind,
  membersOf,
  propertiesOf,
  signaturesOf,
  toCheckedType,
  typeArgumentsOf,
} from './typescript7-types.ts'

type Sync = typeof import('typescript/unstable/sync')
const batchSize = 4_000 // Bounds the size of one message.

/** What a program shares with the others that one compiler has open. */
type Shared = {
  /** Receives the nodes on which the compiler failed. */
  readonly failedNodes: NodeSpan[]
  readonly askTogether: AskTogether
  /** Drops the tables of files that the compiler's client keeps. */
  readonly clearSourceFiles: () => void
}

export const toCheckerProject = (
  sync: Sync,
  project: Project,
  plan: ProjectPlan,
  { failedNodes, askTogether, clearSourceFiles }: Shared,
): CheckerProject => {
  const { checker, program } = project
  const indexes = new Map<string, NodeIndex | undefined>()
  const types = new Map<number, Type>()
  const texts = new Map<string, string>()
  const answered = <T>(answer: () => T): T => {
    try {
      return answer()
    } catch (cause) {
      if (isPanic(cause)) throw cause
      throw new AdoptError(
        'ENGINE_FAILED',
        'The TypeScript 7 process stopped while it was answering. Run again; report it if it happens twice.',
        { cause },
      )
    }
  }
  const indexOf = (file: string): NodeIndex | undefined => {
    if (indexes.has(file)) return indexes.get(file)
    const sourceFile = answered(() => program.getSourceFile(file))
    const index = sourceFile && indexNodes(sourceFile)
    indexes.set(file, index)
    return index
  }
  const nodeAt = ({ file, start, end }: NodeSpan): Node | undefined => indexOf(file)?.find(start, end)
  // Many types have one symbol: all of them ask for it by the first, so that it is one question.
  const askers = new Map<unknown, Type>()
  const ownSymbol = (type: Type): Symbol7 | undefined => {
    const { symbol: handle } = type as unknown as { readonly symbol?: number }
    if (!askers.has(handle)) askers.set(handle, type)
    return handle === undefined ? undefined : askers.get(handle)!.getSymbol()
  }
  const typed = new Map<Node, CheckedType | undefined>()
  const expected = new Map<Node, CheckedType | undefined>()
  const wrapped = new Map<number, CheckedType>()
  const wrap = (type: Type | undefined): CheckedType | undefined => {
    if (!type) return undefined
    types.set(type.id, type)
    if (!wrapped.has(type.id)) wrapped.set(type.id, toCheckedType(sync, type, ownSymbol))
    return wrapped.get(type.id)
  }
  const raw = (type: CheckedType): Type => {
    const known = types.get(type.id)
    if (!known)
      throw new AdoptError('ENGINE_FAILED', 'A type of an earlier state of the program was used after an update.')
    return known
  }
  /** Requests all nodes at once; when the compiler panics on one of them, halves the batch until that one is alone. */
  const batched = <T>(
    nodes: readonly NodeSpan[],
    ask: (found: Node[]) => (T | undefined)[],
    one: (node: Node) => T | undefined,
  ): (T | undefined)[] => {
    const found = nodes.map(nodeAt)
    const answers: (T | undefined)[] = nodes.map(() => undefined)
    const run = (positions: readonly number[]): void => {
      if (positions.length === 0) return
      try {
        const replies =
          positions.length === 1 ? [one(found[positions[0]!]!)] : ask(positions.map((position) => found[position]!))
        positions.forEach((position, at) => (answers[position] = replies[at]))
      } catch (cause) {
        if (!isPanic(cause)) throw cause
        const middle = positions.length >> 1
        if (positions.length === 1) {
          if (!isEmptyTuple(cause)) failedNodes.push(nodes[positions[0]!]!)
        } else [positions.slice(0, middle), positions.slice(middle)].forEach(run)
      }
    }
    const positions = [...found.keys()].filter((position) => found[position] !== undefined)
    for (let from = 0; from < positions.length; from += batchSize) run(positions.slice(from, from + batchSize))
    return answers
  }
  /** Several questions are about one node: a call is a value that goes somewhere, and one that may be a maker's. */
  const onceANode = (
    nodes: readonly NodeSpan[],
    answers: Map<Node, CheckedType | undefined>,
    ask: (fresh: readonly NodeSpan[]) => readonly (Type | undefined)[],
  ): (CheckedType | undefined)[] => {
    const found = nodes.map(nodeAt)
    const fresh = new Map<Node, NodeSpan>()
    found.forEach((node, at) => node && !answers.has(node) && fresh.set(node, nodes[at]!))
    const asked = ask([...fresh.values()])
    ;[...fresh.keys()].forEach((node, at) => answers.set(node, wrap(asked[at])))
    return found.map((node) => node && answers.get(node))
  }
  const spanOf = (handle: NodeHandle): NodeSpan | undefined => {
    const node = handle.resolve(project)
    const file = node?.getSourceFile().fileName
    if (!node || file === undefined) return undefined
    if (!texts.has(file)) texts.set(file, node.getSourceFile().text)
    return { file, start: skipTrivia(texts.get(file)!, node.pos), end: node.end }
  }
  const symbols = new Map<number, CheckedSymbol | undefined>()
  const toSymbol = (symbol: Symbol7 | undefined): CheckedSymbol | undefined => {
    if (symbol && !symbols.has(symbol.id)) symbols.set(symbol.id, followed(symbol))
    return symbol && symbols.get(symbol.id)
  }
  const followed = (symbol: Symbol7): CheckedSymbol | undefined => {
    const target = symbol.flags & sync.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    if (checker.isUnknownSymbol(target)) return undefined
    let declarations: readonly NodeSpan[] | undefined
    return {
      id: target.id,
      name: target.name,
      get declarations() {
        return (declarations ??= target.declarations.map(spanOf).filter((span) => span !== undefined))
      },
    }
  }
  /** Each part of a type is asked for once, however many values have it. */
  const remembered = <Answer>(ask: (type: CheckedType) => Answer): ((type: CheckedType) => Answer) => {
    const answers = new Map<number, Answer>()
    return (type) => {
      if (answers.has(type.id)) return answers.get(type.id)!
      const answer = ask(type)
      answers.set(type.id, answer)
      return answer
    }
  }
  const parts = (ask: (type: Type) => readonly Type[]) =>
    remembered((type) => partsOf(checker, raw(type), ask, () => failedNodes.push(nowhere)).map((part) => wrap(part)!))
  const own = new Set(plan.files)
  const callDeclaration = (node: Node): NodeSpan | undefined => {
    const signature: Signature | undefined = checker.getResolvedSignature(node)
    return signature?.declaration && spanOf(signature.declaration)
  }
  const valueSymbolOf = (node: Node): Symbol7 | undefined =>
    checker.getShorthandAssignmentValueSymbol(node.parent) ?? checker.getSymbolAtLocation(node)
  return {
    configFile: plan.configFile,
    isOrphans: plan.isOrphans,
    files: plan.roots,
    diagnostics: (files) => files.flatMap((file) => answered(() => diagnosticsOf(project, file))),
    typesAt: (nodes) =>
      onceANode(nodes, typed, (fresh) =>
        batched(
          fresh,
          (asked) => checker.getTypeAtLocation(asked),
          (node) => checker.getTypeAtLocation(node),
        ),
      ),
    contextualTypes: (nodes) => {
      askTogether(nodes.map(nodeAt), (node) => {
        if (node && !expected.has(node)) expected.set(node, wrap(checker.getContextualType(node as Expression)))
      })
      return onceANode(nodes, expected, (fresh) =>
        batched(
          fresh,
          (asked) => asked.map((node) => checker.getContextualType(node as Expression)),
          (node) => checker.getContextualType(node as Expression),
        ),
      )
    },
    symbolsAt: (nodes) =>
      batched(
        nodes,
        (found) => checker.getSymbolAtLocation(found),
        (node) => checker.getSymbolAtLocation(node),
      ).map(toSymbol),
    valueSymbolsAt: (nodes) => batched(nodes, (found) => found.map(valueSymbolOf), valueSymbolOf).map(toSymbol),
    referencesTo: (span) => {
      const node = nodeAt(span)
      if (!node) return []
      const entries = checker.getReferencedSymbolsForNode(node, span.start)
      const spans = entries.flatMap((entry) => entry.references).map(spanOf) // the definition's name is one of them
      const unique = new Map(
        spans
          .filter((found) => found !== undefined && own.has(found.file))
          .map((found) => [`${found!.file}:${found!.start}:${found!.end}`, found!]),
      )
      return [...unique.values()].sort((a, b) => (a.file === b.file ? a.start - b.start : a.file < b.file ? -1 : 1))
    },
    calledDeclarations: (calls) => batched(calls, (found) => found.map(callDeclaration), callDeclaration),
    membersOf: parts(membersOf),
    typeArgumentsOf: parts((type) => typeArgumentsOf(checker, type)),
    baseTypesOf: parts((type) => type.getBaseTypes() ?? []),
    constraintOf: remembered((type) =>
      type.sort === 'parameter' ? wrap(checker.getBaseConstraintOfType(raw(type))) : undefined,
    ),
    propertiesOf: remembered((type) => propertiesOf(sync, checker, raw(type), { wrap, spanOf, texts })),
    indexTypesOf: parts((type) => checker.getIndexInfosOfType(type).map(({ valueType }) => valueType)),
    callSignaturesOf: remembered((type) => signaturesOf(sync, checker, raw(type), 'call', { wrap, project })),
    constructSignaturesOf: remembered((type) => signaturesOf(sync, checker, raw(type), 'construct', { wrap, project })),
    symbolOf: remembered((type) => {
      const literal = literalBehind(sync, raw(type), ownSymbol)
      return toSymbol(literal ? ownSymbol(literal) : (raw(type).getAliasSymbol() ?? ownSymbol(raw(type))))
    }),
    isAssignable: (source, target) => checker.isTypeAssignableTo(raw(source), raw(target)),
    textOf: (type) => checker.typeToString(raw(type)),
    askTogether,
    fileNames: () =>
      answered(() => program.getSourceFileNames()).filter(
        (file) => !/\/@typescript\/typescript-[^/]+\/lib\//.test(file),
      ),
    forgetFiles: () => {
      indexes.clear()
      typed.clear()
      expected.clear()
      clearSourceFiles()
    },
  }
}

/** Stands for a type that stays unknown: no one node has it. */
const nowhere: NodeSpan = { file: '', start: 0, end: 0 }
