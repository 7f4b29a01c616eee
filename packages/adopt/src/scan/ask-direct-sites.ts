/**
 * Asks the checker which `new` and literals of one program make a value of the family.
 * Syntax proposes, types decide: a name alone is never a site.
 */
import type { FindingKind } from '../finding.ts'
import { askAhead } from './ask-ahead.ts'
import type { FamilyView } from './family.ts'
import type { Placed, RawLiteral } from './file-facts.ts'
import { askCasts } from './ask-casts.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

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
  count(asked, types)
  askAhead(project, types, view.memberOf)
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
    // A private constructor refuses calls of the class by name, where tsc looks; not those of a constructor that was
    // passed in.
    const isByName =
      classes[at]?.declarations.some(({ file, end }) => file === member.file && end === member.raw.end) ?? false
    const heldBy = isByName && !project.isOrphans ? ('tsc' as const) : ('check' as const)
    return {
      ...placeIn(one, one.file),
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

const askLiterals = ({ project, view, files }: Questions): Site[] => {
  const asked = files.flatMap(({ file, literals }) =>
    literals
      .filter((literal) => isExpectedSomewhere(literal.placed) && hasFamilyShape(literal, view))
      .map((literal) => ({ literal, file })),
  )
  const expected = project.contextualTypes(asked.map(({ literal, file }) => ({ file, ...literal.node })))
  askAhead(project, expected, view.memberOf)
  return asked.flatMap(({ literal, file }, at) => {
    const member = view.memberOf(expected[at])
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
