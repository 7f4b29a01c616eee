/**
 * Who acts on behalf of the user: the chain of RFC 8693 (`act`), newest first.
 */
import { ContextError } from '../errors/context-error.ts'
import { findUnknownKeys, toIssuePath, type Issue } from '../errors/issue.ts'
import { findIdIssue } from './ids.ts'
import { isPlainObject } from './json-copy.ts'

// Captured before any other code can replace them.
const { assign, create, defineProperty, freeze } = Object

/** What acts: a program with a model, another program, or a person (support, an administrator). */
export type ActorKind = 'agent' | 'service' | 'person'

/** Who now acts, as code declares it. */
export type ActorInput = {
  /** 1 to 128 characters of the id alphabet. Of an agent or a service: may be logged. Of a person: personal data. */
  readonly name: string
  readonly kind: ActorKind
}
/** Who acts, as an identity provider says it. */
export type VerifiedActorInput = ActorInput & {
  /** `'declared'` for one that only an earlier hop declared. Default `'verified'`. */
  readonly source?: 'verified' | 'declared' | undefined
}

/** One of those who act for the user. Frozen. A spread, a logger or a cloner takes no person's name of it. */
export type Actor = {
  readonly name: string
  readonly kind: ActorKind
  /** `'verified'` by an identity provider or a seal, or `'declared'` by code: that one grants nothing. */
  readonly source: 'verified' | 'declared'
}

/** The chain of a context in which the user acts directly. */
export const noActors: readonly Actor[] = freeze([])
/** How long a chain may be. */
export const maxActors = 10

class NamedActor {
  readonly #name: string
  readonly kind: ActorKind
  readonly source: Actor['source']

  constructor(name: string, kind: ActorKind, source: Actor['source']) {
    this.#name = name
    this.kind = kind
    this.source = source
    // What may be logged is a property; what may not is a getter over a private field.
    if (kind !== 'person') defineProperty(this, 'name', { value: name, enumerable: true })
    freeze(this)
  }

  static {
    // An own one, because util.inspect() calls the getters of a prototype that has none.
    defineProperty(NamedActor.prototype, 'constructor', { value: Object })
    freeze(NamedActor.prototype)
  }

  get name(): string {
    if (typeof this === 'object' && #name in this) return this.#name
    throw new ContextError('ERR_CONTEXT_NOT_ISSUED', { issues: [{ path: 'actor', kind: 'does not fit' }] })
  }
}

/** An actor that code declares. Each property is read once. Undefined when issues were added. */
export const readDeclaredActor = (value: unknown, path: string, issues: Issue[]): Actor | undefined =>
  readActor(value, path, ['name', 'kind'], 'declared', issues)

/** A chain that an identity provider gives, newest first. */
export const parseActors = (value: unknown, path: string, issues: Issue[]): readonly Actor[] => {
  if (value === undefined) return noActors
  if (!Array.isArray(value) || value.length > maxActors) {
    issues.push({ path, kind: Array.isArray(value) ? 'too large' : 'not an array' })
    return noActors
  }
  const actors = Array.from(value, (actor: unknown, index) =>
    readActor(actor, toIssuePath(path, index), ['name', 'kind', 'source'], 'verified', issues),
  )
  return actors.length === 0 ? noActors : freeze(actors as Actor[])
}

/** Whether two chains are of the same actors in the same order. */
export const isSameChain = (one: readonly Actor[], other: readonly Actor[]): boolean =>
  one === other || (one.length === other.length && isChainOver(one, other))

/** Whether a chain is another one, or that one with more actors before it. */
export const isChainOver = (chain: readonly Actor[], base: readonly Actor[]): boolean => {
  // Loops: every() of a list can be patched.
  const more = chain.length - base.length
  if (more < 0) return false
  for (let index = 0; index < base.length; index++) if (!isSameActor(chain[more + index]!, base[index]!)) return false
  return true
}

function isSameActor(one: Actor, other: Actor): boolean {
  return one === other || (one.name === other.name && one.kind === other.kind && one.source === other.source)
}

const kinds: readonly unknown[] = ['agent', 'service', 'person'] satisfies ActorKind[]

function readActor(
  value: unknown,
  path: string,
  keys: readonly string[],
  defaultSource: Actor['source'],
  issues: Issue[],
): Actor | undefined {
  if (!isPlainObject(value)) {
    issues.push({ path, kind: 'not a plain object' })
    return undefined
  }
  const own: Record<string, unknown> = assign(create(null), value)
  const before = issues.length
  issues.push(...findUnknownKeys(own, keys, path))
  const { name, kind, source = defaultSource } = own
  const issue = findIdIssue(name)
  // 'test' or 'default' are poor ids and fine names for an agent.
  if (issue !== undefined && issue !== 'uninitialised value')
    issues.push({ path: toIssuePath(path, 'name'), kind: issue })
  if (!kinds.includes(kind))
    issues.push({ path: toIssuePath(path, 'kind'), kind: kind === undefined ? 'missing' : 'does not fit' })
  if (source !== 'verified' && source !== 'declared')
    issues.push({ path: toIssuePath(path, 'source'), kind: 'does not fit' })
  return issues.length === before
    ? new NamedActor(name as string, kind as ActorKind, source as Actor['source'])
    : undefined
}
