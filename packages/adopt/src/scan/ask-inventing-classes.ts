/**
 * Asks which `new` makes an object that gives contexts which nothing put into it: a class whose methods have a type
 * parameter for their result, and that takes no value of it.
 */
import type { CheckedProperty, CheckedSignature, CheckedType, NodeSpan } from '../engine/checker.ts'
import { askAhead } from './ask-ahead.ts'
import type { Span } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

export const askInventingClasses = (questions: Questions): Site[] => {
  const { project, view, held } = questions
  const makings = makingsOf(questions)
  const argumentsOf = (type: CheckedType | undefined): readonly CheckedType[] =>
    type?.sort === 'object' && !type.fromLiteral && !view.kinOf(type) && !held.isForeign(type)
      ? project.typeArgumentsOf(type)
      : []
  askAhead(
    project,
    makings.map(({ type }) => type),
    (type) => argumentsOf(type).map((one) => view.kinOf(one)),
  )
  const suspects = makings.flatMap((one) => {
    const given = argumentsOf(one.type)
    const index = given.findIndex((type) => view.kinOf(type))
    const member = view.kinOf(given[index])
    return member ? [{ one, index, member }] : []
  })
  const classes = project.typesAt(suspects.map(({ one: { file, callee } }) => ({ file, ...callee })))
  askAhead(project, classes, held.signaturesOf)
  return suspects.flatMap(({ one, index, member }, at): Site[] => {
    const makers = (classes[at] ? held.signaturesOf(classes[at]) : []).filter(({ kind }) => kind === 'construct')
    const invents = makers.length > 0 && makers.every((maker) => inventsIn(maker, index, one, questions))
    return invents ? [toSite(one, member)] : []
  })
}

type Making = NodeSpan & {
  readonly enclosing: string
  readonly callee: Span
  readonly type: CheckedType | undefined
  /** The member that is read where the object is made. */
  readonly read: string | undefined
  /** Members that the class has itself: what it makes of the others they may decide. */
  readonly overridden: readonly string[]
}

/** Each `new`, and each class that fixes the type arguments of another: whoever makes it gets what that one gives. */
const makingsOf = ({ project, files, textOf }: Questions): Making[] => {
  const news = files.flatMap(({ file, news }) => news.flatMap((one) => (one.isReflective ? [] : [{ ...one, file }])))
  const types = project.typesAt(news)
  const readBehind = ({ file, end }: NodeSpan): string | undefined =>
    /^\s*\.\s*([\p{ID_Start}_$][\p{ID_Continue}$]*)(?!\s*\()/u.exec(textOf(file).slice(end, end + 100))?.[1]
  const heirs = files.flatMap(({ file, classes }) =>
    classes.flatMap(({ base, name }) => (base ? [{ file, ...base, name }] : [])),
  )
  const own = project.typesAt(heirs.map(({ file, own: { start, end } }) => ({ file, start, end })))
  return [
    ...news.map((one, at) => ({ ...one, type: types[at], read: readBehind(one), overridden: [] })),
    ...heirs.flatMap(({ file, own: span, callee, name, members: overridden }, at) =>
      (own[at] ? project.baseTypesOf(own[at]) : []).map((type): Making => {
        return { file, ...span, callee, type, enclosing: name, read: undefined, overridden }
      }),
    ),
  ]
}

const toSite = (
  one: { readonly file: string; readonly start: number; readonly end: number; readonly enclosing: string },
  member: KnownDefinition,
): Site => ({
  ...placeIn(one, one.file),
  kind: 'generic-result',
  type: member.raw.name,
  enclosing: one.enclosing,
  reportedAt: [],
})

/** True when the class gives values of its type parameter and has no way to be given one. */
const inventsIn = (
  { typeParameters, parameters, returns }: CheckedSignature,
  index: number,
  { read, overridden }: Making,
  { project, held }: Questions,
): boolean => {
  const own = typeParameters[index]
  if (!own || !returns) return false
  const name = new RegExp(`(?<![\\w$])${project.textOf(own).replaceAll('$', '\\$')}(?![\\w$])`)
  const names = (type: CheckedType): boolean => name.test(project.textOf(type))
  if (parameters.some(names)) return false
  const members = project.propertiesOf(returns)
  // Nobody has put anything there yet.
  if (members.some(({ name: key, method, type }) => key === read && !method && gives(type, own, project))) return true
  const methods = members.flatMap(({ method, name: key, type }) =>
    method ? held.callSignaturesOf(type).map((signature) => ({ key, signature })) : [],
  )
  const givers = methods.filter(({ signature }) => signature.returns && gives(signature.returns, own, project))
  if (givers.some(({ key }) => overridden.includes(key))) return false
  // A field that can be written to is a place for a value from outside. A private one is filled by what is seen here.
  const isTaken = ({ method, hidden, readonly, type }: CheckedProperty): boolean =>
    !method && !hidden && !readonly && names(type)
  if (members.some(isTaken) || methods.some(({ signature }) => signature.parameters.some(names))) return false
  return givers.length > 0
}

/** The parameter itself, or a promise or a list of it: `T | undefined` is an empty place for one. */
const gives = (result: CheckedType, own: CheckedType, project: Questions['project']): boolean =>
  result.id === own.id ||
  (result.sort === 'object' &&
    /^(?:Promise|Array|ReadonlyArray)$/.test(project.symbolOf(result)?.name ?? '') &&
    project.typeArgumentsOf(result).some((one) => one.id === own.id))
