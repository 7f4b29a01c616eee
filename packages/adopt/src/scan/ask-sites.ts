/**
 * Asks the checker which candidates of one program make a value of the family.
 * Beside the floors. Syntax proposes, types decide: a name alone is never a site.
 */
import type { CheckedType, CheckerProject, NodeSpan } from '../engine/checker.ts'
import type { FindingKind } from '../finding.ts'
import { originOf } from './any-origin.ts'
import type { FamilyView } from './family.ts'
import type { FileFacts, Placed, RawCast, RawFlow, RawLiteral, Span } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { FactsOf } from './name-resolution.ts'
import type { Site } from './site.ts'

/** What one program is asked about. */
export type Questions = {
  readonly project: CheckerProject
  readonly view: FamilyView
  readonly family: readonly KnownDefinition[]
  /** The files of this program whose constructions count. */
  readonly files: readonly FileFacts[]
  readonly factsOf: FactsOf
  readonly textOf: (file: string) => string
  /** Sees every answered type, for the trust figure. */
  readonly count: (types: readonly (CheckedType | undefined)[]) => void
}

/** Constructions whose kind the node itself shows: `new`, casts, literals where the type is expected. */
export const askDirectSites = (questions: Questions): Site[] => [
  ...askNews(questions),
  ...askCasts(questions),
  ...askLiterals(questions),
]

const askNews = ({ project, view, files, count }: Questions): Site[] => {
  const asked = files.flatMap(({ file, news }) =>
    news.filter(({ calleeName }) => !builtIn.has(calleeName ?? '')).map((one) => ({ ...one, file })),
  )
  const types = project.typesAt(asked)
  count(types)
  const found = asked.flatMap((one, at) => {
    const member = view.memberOf(types[at])
    return member && types[at]?.sort !== 'union' ? [{ one, member }] : []
  })
  const classes = project.symbolsAt(
    found.map(({ one: { file, callee, calleeName } }) => ({
      file,
      start: callee.end - (calleeName?.length ?? 0),
      end: callee.end,
    })),
  )
  return found.map(({ one, member }, at) => {
    // A private constructor refuses calls of the class by name, where tsc looks; not those of a constructor that was passed in.
    const isByName =
      classes[at]?.declarations.some(({ file, end }) => file === member.file && end === member.raw.end) ?? false
    const heldBy = isByName && !project.isOrphans ? ('tsc' as const) : ('check' as const)
    return {
      ...place(one, one.file),
      kind: 'new' as const,
      type: member.raw.name,
      enclosing: one.enclosing,
      reportedAt: [],
      heldBy,
    }
  })
}

/** Constructors that no code base gives the context type. */
const builtIn = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'Date',
  'Promise',
  'RegExp',
  'URL',
  'URLSearchParams',
  'Array',
  'Uint8Array',
  'AbortController',
  'TextEncoder',
  'TextDecoder',
])

const askCasts = ({ project, view, files, count }: Questions): Site[] => {
  const casts = files.flatMap(({ file, casts }) => casts.map((cast) => ({ ...cast, file })))
  const leaves = casts.flatMap((cast) =>
    cast.leaves.map((leaf) => ({ cast, file: cast.file, start: leaf.start, end: leaf.end })),
  )
  const types = project.typesAt(leaves)
  count(types)
  const made = new Map<RawCast & { file: string }, CheckedType>()
  leaves.forEach(
    ({ cast }, at) => types[at] && view.memberOf(types[at]) && !made.has(cast) && made.set(cast, types[at]),
  )
  const found = [...made]
  const operands = project.typesAt(found.map(([{ file, operand }]) => ({ file, ...operand })))
  return found.flatMap(([cast, target], at) => {
    const kind = kindOfCast(cast, target, operands[at], questionsOf(project, view))
    const type = view.memberOf(target)!.raw.name
    return kind === undefined
      ? []
      : [{ ...place(cast, cast.file), kind, type, enclosing: cast.enclosing, reportedAt: [] }]
  })
}

const questionsOf = (project: CheckerProject, view: FamilyView): Pick<Questions, 'project' | 'view'> => ({
  project,
  view,
})

/** Undefined for a value that already is the type or comes from it. */
const kindOfCast = (
  cast: RawCast,
  target: CheckedType,
  source: CheckedType | undefined,
  { project, view }: Pick<Questions, 'project' | 'view'>,
): FindingKind | undefined => {
  if (cast.isDouble) return 'cast-double'
  if (!source || source.sort === 'any' || source.sort === 'error') return 'cast'
  const member = view.memberOf(target)
  const own = member && view.typeOf(member)
  if (!own) return 'cast'
  const parts = project.membersOf(source).filter(({ sort }) => sort !== 'nullish')
  const lineages = parts.map((part) => view.lineage(part))
  if (parts.length > 0 && source.sort !== 'intersection' && lineages.every((lineage) => lineage.has(own.id)))
    return undefined
  if (source.sort === 'intersection' && lineages.some((lineage) => lineage.has(own.id))) return undefined
  const ancestry = view.lineage(own)
  const related = lineages.some((lineage) => [...lineage].some((id) => ancestry.has(id)))
  return related ? 'cast-downcast' : 'cast'
}

const askLiterals = ({ project, view, files }: Questions): Site[] => {
  const asked = files.flatMap(({ file, literals }) =>
    literals
      .filter((literal) => isExpectedSomewhere(literal.placed) && hasFamilyShape(literal, view))
      .map((literal) => ({ literal, file })),
  )
  const expected = project.contextualTypes(asked.map(({ literal, file }) => ({ file, ...literal.node })))
  return asked.flatMap(({ literal, file }, at) => {
    const member = view.memberOf(expected[at])
    if (!member) return []
    const kind = kindOfPosition[literal.placed.position]
    return kind === undefined
      ? []
      : [
          {
            ...place(literal, file),
            kind,
            type: member.raw.name,
            enclosing: literal.enclosing,
            reportedAt: [{ ...literal.placed, file }],
          },
        ]
  })
}

const isExpectedSomewhere = ({ position }: Placed): boolean =>
  position !== 'nowhere' && position !== 'cast' && position !== 'untyped'

export const hasFamilyShape = (literal: RawLiteral, { propertyNames }: FamilyView): boolean =>
  propertyNames.some((names) => hasShape(literal, names))

/** All written keys are properties of the type; one stray key is let pass where others fit, for it may be the very mistake. */
const hasShape = ({ keys, hasSpread }: RawLiteral, names: ReadonlySet<string>): boolean => {
  if (keys === undefined || hasSpread) return true
  const strays = keys.filter((key) => !names.has(key)).length
  return strays === 0 || (strays === 1 && keys.length > 2)
}

/** What a literal at each position is called; undefined where nothing expects it. */
export const kindOfPosition: Readonly<Record<Placed['position'], FindingKind | undefined>> = {
  annotation: 'literal-annotation',
  return: 'literal-return',
  argument: 'literal-argument',
  property: 'literal-property',
  satisfies: 'literal-satisfies',
  default: 'literal-default',
  untyped: undefined,
  cast: undefined,
  nowhere: undefined,
}

/** Values that travel: an `any`, or a literal that was given no type, reaching a place where the type is expected. */
export const askFlows = (questions: Questions): Site[] => {
  const { project, view, files, count } = questions
  const flows = files.flatMap(({ file, flows }) => flows.map((flow) => ({ ...flow, file })))
  const types = project.typesAt(flows)
  count(types)
  const suspects = flows.flatMap((flow, at) => {
    const parts = types[at] ? travellingParts(project, types[at]) : []
    return parts.length > 0 ? [{ flow, parts }] : []
  })
  const expected = project.contextualTypes(suspects.map(({ flow }) => flow))
  const anys: Site[] = []
  const origins = new Map<string, Site>()
  suspects.forEach(({ flow, parts }, at) => {
    if (parts.some(({ sort }) => sort === 'any')) {
      const member = view.expectedBy(expected[at])
      if (member) anys.push(anySite(flow, member.raw.name, questions))
      return
    }
    const member = view.memberOf(expected[at])
    if (member) for (const part of parts) addOrigin(origins, part, flow, member.raw.name, questions)
  })
  return [...withoutInner(anys), ...origins.values()]
}

const travellingParts = (project: CheckerProject, type: CheckedType): readonly CheckedType[] => {
  if (type.sort === 'any' || type.fromLiteral) return [type]
  return type.sort === 'union' ? project.membersOf(type).filter(({ fromLiteral }) => fromLiteral) : []
}

const anySite = (flow: RawFlow & NodeSpan, type: string, { factsOf, textOf }: Questions): Site => ({
  ...place(flow, flow.file),
  kind: 'any-flow',
  type,
  enclosing: flow.enclosing,
  reportedAt: [],
  details: { origin: originOf(factsOf(flow.file)!, textOf(flow.file), flow) },
})

/** `await body` and the `body` in it are one flow: the outer one. */
const withoutInner = (sites: readonly Site[]): Site[] =>
  sites.filter(
    (site) =>
      !sites.some(
        (other) => other !== site && other.file === site.file && other.start <= site.start && other.end >= site.end,
      ),
  )

/**
 * The literal behind a travelling type is the site, however many flows it reaches; each of them may be where tsc reports it.
 * `toOriginal` undoes the shift of offsets in a sealed file.
 */
export const addOrigin = (
  origins: Map<string, Site>,
  type: CheckedType,
  flow: { readonly file: string; readonly placed: Placed },
  name: string,
  { project, factsOf }: Pick<Questions, 'project' | 'factsOf'>,
  toOriginal: (file: string, offset: number) => number = (_, offset) => offset,
): void => {
  for (const declaration of project.symbolOf(type)?.declarations ?? []) {
    const { file } = declaration
    const start = toOriginal(file, declaration.start)
    const facts = factsOf(file)
    const literal = facts?.literals.find(({ node }) => node.start === start)
    if (
      !facts ||
      !literal ||
      facts.isGenerated ||
      literal.placed.position === 'cast' ||
      literal.placed.position === 'satisfies'
    )
      continue
    const key = `${file}:${start}`
    const known = origins.get(key)
    const reportedAt = [...(known?.reportedAt ?? []), { ...flow.placed, file: flow.file }]
    const kind =
      literal.placed.position !== 'return'
        ? 'literal-untyped'
        : isInferredReturn(facts, literal)
          ? 'literal-inferred-return'
          : 'literal-return'
    origins.set(key, {
      ...place(literal, file),
      kind,
      type: known?.type ?? name,
      enclosing: literal.enclosing,
      reportedAt,
    })
  }
}

const isInferredReturn = ({ functions }: FileFacts, literal: Span): boolean => {
  const holders = functions.filter(({ start, end }) => start <= literal.start && end >= literal.end)
  const innermost = holders.sort((a, b) => b.start - a.start)[0]
  return innermost !== undefined && innermost.returnTypes === undefined
}

const place = ({ start, end }: Span, file: string): NodeSpan => ({ file, start, end })
