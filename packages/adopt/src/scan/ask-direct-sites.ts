/**
 * Asks the checker which `new` and literals of one program make a value of the family.
 * Syntax proposes, types decide: a name alone is never a site.
 */
import type { CheckedType } from '../engine/checker.ts'
import type { FindingKind } from '../finding.ts'
import { askAhead } from './ask-ahead.ts'
import type { FamilyView } from './family.ts'
import type { RawLiteral } from './file-facts.ts'
import type { Placed } from './placed.ts'
import { askCasts } from './ask-casts.ts'
import type { HeldView } from './held-types.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

/** Constructions whose kind the node itself shows: `new`, casts, literals where the type is expected. */
export const askDirectSites = (questions: Questions): Site[] => [
  ...askNews(questions),
  ...askCasts(questions),
  ...askLiterals(questions),
]

const askNews = ({ project, view, held, files, count }: Questions): Site[] => {
  const asked = files.flatMap(({ file, news }) =>
    news.filter(({ calleeName }) => !builtIn.has(calleeName ?? '')).map((one) => ({ ...one, file })),
  )
  const direct = asked.filter(({ isReflective }) => !isReflective)
  const types = project.typesAt(direct)
  count(direct, types)
  askAhead(project, types, view.kinOf)
  const reflective = asked.filter(({ isReflective }) => isReflective)
  const classes = project.typesAt(reflective.map(({ file, callee }) => ({ file, ...callee })))
  askAhead(project, classes, (type) => held.signaturesOf(type))
  const found = [
    ...direct.map((one, at) => ({ one, made: types[at] })),
    ...reflective.map((one, at) => ({ one, made: madeBy(classes[at], held) })),
  ].flatMap(({ one, made }) => {
    const own = view.memberOf(made)
    // A class that extends the context hands its arguments on to the constructor of it: the same way past the factory.
    const member = own ?? view.kinOf(made)
    return member && made?.sort !== 'union' ? [{ one, member, isSubclass: own === undefined }] : []
  })
  const symbols = project.symbolsAt(
    found.map(({ one: { file, callee, calleeName } }) => ({
      file,
      start: callee.end - (calleeName?.length ?? 0),
      end: callee.end,
    })),
  )
  return found.map(({ one, member, isSubclass }, at) => {
    // A private constructor refuses calls of the class by name, where tsc looks; not those of a constructor that was
    // passed in.
    const isByName =
      symbols[at]?.declarations.some(({ file, end }) => file === member.file && end === member.raw.end) ?? false
    const heldBy = isByName && !one.isReflective && !project.isOrphans ? ('tsc' as const) : ('check' as const)
    return {
      ...placeIn(one, one.file),
      kind: 'new' as const,
      type: member.raw.name,
      enclosing: one.enclosing,
      reportedAt: [],
      heldBy,
      ...(isSubclass && { details: { subclass: true } }),
    }
  })
}

/** What a class that is passed on makes. */
const madeBy = (type: CheckedType | undefined, held: HeldView): CheckedType | undefined =>
  type && held.signaturesOf(type).find(({ kind }) => kind === 'construct')?.returns

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

const askLiterals = ({ project, view, files }: Questions): Site[] => {
  const asked = files.flatMap(({ file, literals }) =>
    literals
      .filter((literal) => isExpectedSomewhere(literal.placed) && hasFamilyShape(literal, view))
      .map((literal) => ({ literal, file })),
  )
  const expected = project.contextualTypes(asked.map(({ literal, file }) => ({ file, ...literal.node })))
  askAhead(project, expected, view.kinOf)
  return asked.flatMap(({ literal, file }, at) => {
    // A type that extends the context is one too, and a spread of a context hands its seal on: tsc would be silent.
    const member = view.kinOf(expected[at])
    if (!member) return []
    const kind = kindOfPosition[literal.placed.position]
    return kind === undefined
      ? []
      : [
          {
            ...placeIn(literal, file),
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

/**
 * All written keys are properties of the type; one stray key is let pass where others fit, for it may be the very
 * mistake.
 */
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
