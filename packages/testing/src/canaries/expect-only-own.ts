/**
 * Checks that an output holds nothing of any other user, by the canaries that were put into what each user owns.
 */
import {
  hasForeignCanary,
  nameCanaryOwner,
  toCanaryOwnerKey,
  type Canary,
  type CanaryOwner,
} from './canary-registry.ts'
import { collectTexts, type PlacedText } from './collect-texts.ts'
import { findCanaries } from './find-canaries.ts'

type TextAt = Pick<PlacedText, 'place' | 'text'>

/**
 * Passes when no canary of another user is in the output. It reads strings, bytes, numbers that are bytes, properties
 * and keys, Maps and Sets, errors, getters and JSON; it finds a canary also in base64, hexadecimal digits, URL
 * encoding, UTF-16 and capitals, twice encoded, cut down to 24 digits, and split over chunks.
 *
 * What it cannot search it refuses: a promise, a stream, an iterator, compressed bytes (gzip, zlib, Zstandard). It does
 * not see through encryption, Brotli, and private fields without a getter.
 *
 * @param output - What this user received: an answer, the events of a socket, a file, a log.
 * @param user - The user who received it: a context or a verified user. Another user must have a canary, or there is
 *   nothing that could be found.
 * @returns How many canaries of this user the output holds. Expect more than 0 where the user must receive something.
 * @throws {Error} That says which canaries are where, and in which encoding; never a canary in full.
 * @throws {TypeError} When the output cannot be searched.
 * @example
 * ```ts
 * import { expect } from 'vitest'
 * import { expectOnlyOwn, newCanary, testContext } from '@user-execution-context/testing'
 *
 * const [alice, bob] = [testContext({ userId: 'alice' }), testContext({ userId: 'bob' })]
 * const notes = new Map([['alice', `ducks ${newCanary(alice)}`], ['bob', `geese ${newCanary(bob)}`]])
 * expect(expectOnlyOwn({ notes: [notes.get('alice')] }, alice)).toBe(1)
 * ```
 */
export const expectOnlyOwn = (output: unknown, user: CanaryOwner): number => {
  const ownerKey = toCanaryOwnerKey(user)
  if (!hasForeignCanary(ownerKey)) {
    throw new Error(
      'No other user has a canary, so that this check could not fail. ' +
        'Put newCanary(other) into what another user owns.',
    )
  }
  const leaks = new Map<Canary, string[]>()
  const own = new Set<Canary>()
  const search = (texts: readonly TextAt[], isKnown: (canary: Canary) => boolean): void => {
    for (const { place, text } of texts) {
      for (const { canary, encoding } of findCanaries(text).filter((finding) => !isKnown(finding.canary))) {
        if (canary.ownerKey === ownerKey) own.add(canary)
        else leaks.set(canary, [...(leaks.get(canary) ?? []), encoding === 'plain' ? place : `${place} (${encoding})`])
      }
    }
  }
  const texts = collectTexts(output, (key) => findCanaries(key).length > 0)
  search(texts, () => false)
  const whole = new Set([...leaks.keys(), ...own])
  // What stands in one piece is not reported once more for the pieces put together.
  search(joinChunks(texts), (canary) => whole.has(canary))
  if (leaks.size > 0) throw new Error(toMessage(nameCanaryOwner(user), leaks))
  return own.size
}

/** How many places of one canary a message lists. */
const maxPlaces = 5

function toMessage(owner: string, leaks: ReadonlyMap<Canary, readonly string[]>): string {
  const lines = Array.from(leaks, ([{ label }, places]) => {
    const more = places.length > maxPlaces ? `, and ${places.length - maxPlaces} more places` : ''
    return `- ${label} at ${places.slice(0, maxPlaces).join(', ')}${more}`
  })
  return [`The output for ${owner} holds what belongs to another user:`, ...lines].join('\n')
}

/** What the chunks of each stream give when they are put together, and all texts in their order. */
function joinChunks(texts: readonly PlacedText[]): readonly TextAt[] {
  const streams = new Map<string, string[]>()
  for (const { stream, text } of texts) {
    const chunks = streams.get(stream)
    if (chunks === undefined) streams.set(stream, [text])
    else chunks.push(text)
  }
  const joined = Array.from(streams)
    .filter(([, chunks]) => chunks.length > 1)
    .flatMap(([stream, chunks]) =>
      [chunks, decodeEach(chunks)].map((parts) => ({ place: `${stream} (chunks put together)`, text: parts.join('') })),
    )
  // Without the keys, which would stand between the values.
  const values = texts.filter(({ stream }) => !stream.endsWith('(key)')).map(({ text }) => text)
  return [...joined, { place: 'output (all texts put together)', text: values.join('') }]
}

/** Chunks that were encoded each by itself. */
function decodeEach(chunks: readonly string[]): readonly string[] {
  const full = chunks.filter((chunk) => chunk !== '')
  if (full.every((chunk) => /^([0-9a-f]{2})+$/i.test(chunk))) return full.map(fromHex)
  if (full.every((chunk) => /^[\w+/-]+={0,2}$/.test(chunk))) return full.map(fromBase64)
  return []
}

function fromHex(text: string): string {
  return text.replaceAll(/../g, (digits) => String.fromCharCode(Number.parseInt(digits, 16)))
}

function fromBase64(text: string): string {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return ''
  }
}
