/**
 * The canaries of a test run: random texts, each of which belongs to one user.
 */
import {
  assertUserExecutionContext,
  encodeKey,
  isVerifiedUser,
  newThreadId,
  type UserExecutionContext,
  type VerifiedUser,
} from 'user-execution-context'
import { nameUser } from '../matchers/name-user.ts'
import { toEncodedForms, type EncodedForm } from './encoded-forms.ts'

/** A context or a verified user: whose canary it is. */
export type CanaryOwner = UserExecutionContext | VerifiedUser

/** A canary and how messages speak of it. */
export type Canary = {
  readonly text: string
  readonly ownerKey: string
  /** Such as `canary 2 of "bob" (canary…9f3c)`. Never the whole text. */
  readonly label: string
}

/** An entry of the index: a form of a part of a canary. */
export type CanaryForm = EncodedForm & { readonly canary: Canary }

type Registry = { readonly canaries: Canary[]; readonly index: Map<string, CanaryForm[]>; indexed: number }

/** Characters of the keys of the index. Every form of every canary is longer. */
export const indexKeyCharacters = 12

// On the global object, so that a test that loads its modules anew does not lose the canaries of the ones before.
const place = Symbol.for('@user-execution-context/testing canaries')
const holder = globalThis as { [place]?: Registry }
const registry = (): Registry => (holder[place] ??= { canaries: [], index: new Map(), indexed: 0 })

/**
 * Makes a canary: a random text to put into what belongs to this user (a note, a file, a tool's answer), so that it can
 * be recognised wherever it comes out. See {@link expectOnlyOwn}.
 *
 * @param owner - A context or a verified user, also when its identity has ended.
 * @returns 38 characters, `canary` and 32 hexadecimal digits: legal in ids, file names and URLs. No two are equal.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when `owner` is neither.
 * @example
 * ```ts
 * import { newCanary, testContext } from '@user-execution-context/testing'
 *
 * const alice = testContext({ userId: 'alice' })
 * export const note = { text: `Buy ducks ${newCanary(alice)}` }
 * ```
 */
export const newCanary = (owner: CanaryOwner): string => {
  const ownerKey = toCanaryOwnerKey(owner)
  const { canaries } = registry()
  const text = `canary${newThreadId().replaceAll('-', '')}`
  const number = canaries.filter((canary) => canary.ownerKey === ownerKey).length + 1
  canaries.push({ text, ownerKey, label: `canary ${number} of ${nameUser(owner)} (canary…${text.slice(-4)})` })
  return text
}

/** The key of an owner: equal for one user in every context of theirs. */
export const toCanaryOwnerKey = (owner: CanaryOwner): string => {
  if (!isVerifiedUser(owner)) assertUserExecutionContext(owner)
  const { namespace, tenantId, userId } = owner
  return encodeKey(tenantId === undefined ? [namespace, userId] : [namespace, tenantId, userId])
}

/** How messages speak of an owner. */
export const nameCanaryOwner = (owner: CanaryOwner): string => nameUser(owner)

/** Whether there is a canary of anybody else. */
export const hasForeignCanary = (ownerKey: string): boolean =>
  registry().canaries.some((canary) => canary.ownerKey !== ownerKey)

/** All forms of all canaries by their first characters. */
export const canaryIndex = (): ReadonlyMap<string, readonly CanaryForm[]> => {
  const all = registry()
  for (; all.indexed < all.canaries.length; all.indexed++) {
    const canary = all.canaries[all.indexed]!
    for (const form of toEncodedForms(canary.text)) {
      const key = form.text.slice(0, indexKeyCharacters)
      const entries = all.index.get(key) ?? []
      entries.push({ ...form, canary })
      all.index.set(key, entries)
    }
  }
  return all.index
}
