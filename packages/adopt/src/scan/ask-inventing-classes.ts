/**
 * Asks which `new` makes an object that gives contexts which nothing put into it: a class whose methods have a type
 * parameter for their result, and that takes no value of it.
 */
import type { CheckedProperty, CheckedSignature, CheckedType } from '../engine/checker.ts'
import { askAhead } from './ask-ahead.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { placeIn, type Site } from './site.ts'

export const askInventingClasses = (questions: Questions): Site[] => {
  const { project, view, held, files } = questions
  const news = files.flatMap(({ file, news }) => news.flatMap((one) => (one.isReflective ? [] : [{ ...one, file }])))
  const types = project.typesAt(news)
  const argumentsOf = (type: CheckedType | undefined): readonly CheckedType[] =>
    type?.sort === 'object' && !type.fromLiteral && !view.kinOf(type) && !held.isForeign(type)
      ? project.typeArgumentsOf(type)
      : []
  askAhead(project, types, (type) => argumentsOf(type).map((one) => view.kinOf(one)))
  const suspects = news.flatMap((one, at) => {
    const given = argumentsOf(types[at])
    const index = given.findIndex((type) => view.kinOf(type))
    const member = view.kinOf(given[index])
    return member ? [{ one, index, member }] : []
  })
  const classes = project.typesAt(suspects.map(({ one: { file, callee } }) => ({ file, ...callee })))
  askAhead(project, classes, held.signaturesOf)
  return suspects.flatMap(({ one, index, member }, at): Site[] => {
    const makers = (classes[at] ? held.signaturesOf(classes[at]) : []).filter(({ kind }) => kind === 'construct')
    const invents = makers.length > 0 && makers.every((maker) => inventsIn(maker, index, questions))
    return invents ? [toSite(one, member)] : []
  })
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
  { project, held }: Questions,
): boolean => {
  const own = typeParameters[index]
  if (!own || !returns) return false
  const name = new RegExp(`(?<![\\w$])${project.textOf(own).replaceAll('$', '\\$')}(?![\\w$])`)
  const names = (type: CheckedType): boolean => name.test(project.textOf(type))
  if (parameters.some(names)) return false
  const members = project.propertiesOf(returns)
  const signatures = members.flatMap(({ method, type }) => (method ? held.callSignaturesOf(type) : []))
  // A field that can be written to is a place for a value from outside. A private one is filled by what is seen here.
  const isTaken = ({ method, hidden, readonly, type }: CheckedProperty): boolean =>
    !method && !hidden && !readonly && names(type)
  if (members.some(isTaken) || signatures.some((one) => one.parameters.some(names))) return false
  return signatures.some(({ returns: result }) => result !== undefined && gives(result, own, project))
}

/** The parameter itself, or a promise or a list of it: `T | undefined` is an empty place for one. */
const gives = (result: CheckedType, own: CheckedType, project: Questions['project']): boolean =>
  result.id === own.id ||
  (result.sort === 'object' &&
    /^(?:Promise|Array|ReadonlyArray)$/.test(project.symbolOf(result)?.name ?? '') &&
    project.typeArgumentsOf(result).some((one) => one.id === own.id))
