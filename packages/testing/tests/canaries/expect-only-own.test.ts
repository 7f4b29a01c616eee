import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { newCanary } from '../../src/canaries/canary-registry.ts'
import { expectOnlyOwn } from '../../src/canaries/expect-only-own.ts'
import { testContext, testUser } from '../../src/contexts/test-context.ts'

const alice = testContext({ userId: 'alice' })
const bob = testContext({ userId: 'bob' })
const own = newCanary(alice)
const foreign = newCanary(bob)

const messageOf = (call: () => unknown): string => {
  try {
    call()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}
const leak = (output: unknown): string => messageOf(() => expectOnlyOwn(output, alice))
/** Held to the end of this file: what a WeakRef alone refers to may be gone. */
const referred = { note: foreign }
afterAll(() => expect(referred.note).toBe(foreign))

const newNoteClass = (): new () => object => {
  class Note {}
  Object.assign(Note.prototype, { text: foreign })
  return Note
}
const chunksOf = (text: string, size: number): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size))
const toBase64 = (text: string): string => Buffer.from(text).toString('base64')

describe('newCanary', () => {
  test('gives a text of its own each time, legal as an id, a file name and part of a URL', () => {
    const canaries = Array.from({ length: 100 }, () => newCanary(alice))
    expect(new Set(canaries).size).toBe(100)
    for (const canary of canaries) expect(canary).toMatch(/^canary[0-9a-f]{32}$/)
  })

  test('belongs to the user, whichever context or user it was made with', () => {
    const canary = newCanary(testUser({ userId: 'alice' }))
    expect(expectOnlyOwn(canary, testContext({ userId: 'alice', threadId: 'other' }))).toBe(1)
  })

  test('tells users of two tenants apart', () => {
    const canary = newCanary(testContext({ userId: 'alice', tenantId: 'acme' }))
    expect(leak(canary)).toContain('of "alice" of tenant "acme"')
  })

  test.each(['alice', undefined, { ...alice }, { userId: 'alice' }])('refuses %o as an owner', (owner) => {
    expect(() => newCanary(owner as never)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' }))
    expect(() => expectOnlyOwn('', owner as never)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' }))
  })
})

describe('expectOnlyOwn', () => {
  test('passes for an output with own canaries, and counts them', () => {
    expect(expectOnlyOwn({ notes: [`ducks ${own}`, own], more: newCanary(alice) }, alice)).toBe(2)
    expect(expectOnlyOwn({ notes: ['ducks'], count: 7, at: new Date(), none: null, missing: undefined }, alice)).toBe(0)
  })

  test('names the canary, its owner and its place, and prints no canary in full', () => {
    const message = leak({ events: [{ text: 'ducks' }, { text: `geese ${foreign} geese` }] })
    expect(message).toBe(
      'The output for "alice" holds what belongs to another user:\n' +
        `- canary 1 of "bob" (canary…${foreign.slice(-4)}) at output.events[1].text`,
    )
  })

  test('finds what one of a hundred users left', () => {
    const others = Array.from({ length: 100 }, (_, index) => newCanary(testContext({ userId: `user-${index}` })))
    expect(leak(`a ${others[41]}`)).toContain('of "user-41"')
  })

  const encodings: readonly (readonly [string, unknown])[] = [
    ['plain text', `x${foreign}x`],
    ['capitals', foreign.toUpperCase()],
    ['a text cut off in the middle', foreign.slice(0, 32)],
    ['a text whose start was cut off', foreign.slice(13)],
    ['base64', toBase64(foreign)],
    ['base64 at the second byte', toBase64(`.${foreign}.`)],
    ['base64 at the third byte', toBase64(`..${foreign}..`)],
    ['base64 in a data URL', `data:text/plain;base64,${toBase64(`note: ${foreign}`)}`],
    ['base64url', Buffer.from(`ÿÿÿ${foreign}`).toString('base64url')],
    ['base64 in lines', toBase64(`ducks ${foreign}`).replaceAll(/.{20}/g, '$&\r\n')],
    ['base64 twice', toBase64(toBase64(foreign))],
    [
      'base64 of a JSON text in a JWT',
      `eyJh.${Buffer.from(JSON.stringify({ note: foreign })).toString('base64url')}.x`,
    ],
    ['hex', Buffer.from(foreign).toString('hex')],
    ['hex in capitals', Buffer.from(foreign).toString('hex').toUpperCase()],
    ['base64 of hex', toBase64(Buffer.from(foreign).toString('hex'))],
    ['hex of base64', Buffer.from(toBase64(`.${foreign}`)).toString('hex')],
    ['URL encoding', encodeURIComponent(`a b&${foreign}`)],
    ['URL encoding of every byte', foreign.replaceAll(/./g, (digit) => `%${digit.charCodeAt(0).toString(16)}`)],
    ['URL encoding of base64', encodeURIComponent(`${toBase64(`?${foreign}?`)}`)],
    ['JSON escapes', foreign.replaceAll(/./g, (digit) => `\\u00${digit.charCodeAt(0).toString(16)}`)],
    ['HTML entities', foreign.replaceAll(/./g, (digit) => `&#${digit.charCodeAt(0)};`)],
    ['quoted-printable', foreign.replaceAll(/.{10}/g, '$&=\r\n')],
    ['letters with blanks between', [...foreign].join(' ')],
    ['UTF-16', Buffer.from(foreign, 'utf16le')],
    ['UTF-16, big endian', Buffer.from(foreign, 'utf16le').swap16()],
    ['base64 of UTF-16', Buffer.from(foreign, 'utf16le').toString('base64')],
    [
      'base64 of UTF-16 at the second byte',
      Buffer.concat([Buffer.from('.'), Buffer.from(foreign, 'utf16le')]).toString('base64'),
    ],
    ['hex of UTF-16', Buffer.from(foreign, 'utf16le').toString('hex')],
    ['a Buffer', Buffer.from(`ducks ${foreign}`)],
    ['a Buffer as JSON', Buffer.from(foreign).toJSON()],
    ['a Buffer as JSON text', JSON.stringify(Buffer.from(foreign))],
    ['an ArrayBuffer', new TextEncoder().encode(foreign).buffer],
    ['a DataView', new DataView(new TextEncoder().encode(foreign).buffer)],
    ['a Uint16Array', new Uint16Array(Array.from(foreign, (digit) => digit.charCodeAt(0)))],
    ['an Error', new Error(`no such note: ${foreign}`)],
    ['the cause of an Error', new Error('failed', { cause: new Error(foreign) })],
    ['a Map', new Map([['note', foreign]])],
    ['a key of a Map', new Map([[foreign, 1]])],
    ['a Set', new Set([foreign])],
    ['a key', { [foreign]: 1 }],
    ['a symbol', { [Symbol(foreign)]: 1 }],
    ['a property that is not enumerable', Object.defineProperty({}, 'note', { value: foreign })],
    ['a URL', new URL(`https://example.com/?q=${foreign}`)],
    ['search parameters', new URLSearchParams({ q: foreign })],
    ['headers', new Headers({ 'x-note': foreign })],
    ['JSON', JSON.stringify({ notes: [{ text: foreign }] })],
    ['JSON in JSON', JSON.stringify({ body: JSON.stringify({ text: foreign }) })],
    ['a context', testContext({ userId: 'alice', agentContext: { note: foreign } })],
    ['audit metadata', testContext({ userId: 'alice', auditMetadata: { note: foreign } })],
    ['a function with properties', Object.assign(() => 1, { note: foreign })],
    ['what it inherits', Object.create({ note: foreign })],
    ['what it inherits from no object of ours', Object.create(Object.assign(Object.create(null), { note: foreign }))],
    ['a field of a prototype', new (newNoteClass())()],
    ['a WeakRef', new WeakRef(referred)],
    ['what stands on bytes', Object.assign(Buffer.from('ducks'), { note: foreign })],
    ['what toJSON gives', { toJSON: () => ({ note: foreign }) }],
    [
      'a getter',
      new (class Note {
        #text = foreign
        get text(): string {
          return this.#text
        }
      })(),
    ],
  ]
  test.each(encodings)('finds a canary in %s, and prints no part of it', (_name, output) => {
    const message = leak(output)
    expect(message).toContain('of "bob"')
    const digits = foreign.slice('canary'.length)
    for (let start = 0; start + 8 <= digits.length; start++) {
      expect(message.toLowerCase()).not.toContain(digits.slice(start, start + 8))
    }
  })

  test('searches bytes that begin as compressed ones do, and objects whose then is nobody to ask', () => {
    expect(leak(Buffer.from(`x^2 + ${foreign}`))).toContain('of "bob"')
    // oxlint-disable-next-line unicorn/no-thenable -- what a test double may be
    const asked = Object.defineProperty({ note: foreign }, 'then', {
      get: () => {
        throw new Error('asked')
      },
    })
    expect(leak(asked)).toContain('of "bob"')
  })

  const chunkings: readonly (readonly [string, unknown])[] = [
    ['strings', chunksOf(`ducks ${foreign} ducks`, 5)],
    ['single letters', [...foreign]],
    ['Buffers', chunksOf(foreign, 7).map((chunk) => Buffer.from(chunk))],
    [
      'Buffers, cut within UTF-16',
      [0, 23, 46, 69].map((start) => Buffer.from(foreign, 'utf16le').subarray(start, start + 23)),
    ],
    ['events', chunksOf(foreign, 5).map((delta, index) => ({ id: `e-${index}`, type: 'text', data: { delta } }))],
    ['events that are texts of JSON', chunksOf(foreign, 5).map((delta) => JSON.stringify({ type: 'text', delta }))],
    [
      'lines of JSON',
      chunksOf(foreign, 5)
        .map((delta) => JSON.stringify({ type: 'text', delta }))
        .join('\n'),
    ],
    [
      'server-sent events',
      chunksOf(foreign, 5)
        .map((delta) => `event: text\ndata: ${JSON.stringify({ delta })}\n\n`)
        .join(''),
    ],
    [
      'server-sent events of text',
      chunksOf(foreign, 5)
        .map((delta) => `data: ${delta}\n\n`)
        .join(''),
    ],
    [
      'a stream of the AI SDK',
      chunksOf(foreign, 5)
        .map((delta) => `0:${JSON.stringify(delta)}\n`)
        .join(''),
    ],
    ['base64 that was cut', chunksOf(toBase64(`ducks ${foreign}`), 6)],
    ['base64 of each chunk', chunksOf(foreign, 4).map(toBase64)],
    ['hex of each chunk', chunksOf(foreign, 4).map((chunk) => Buffer.from(chunk).toString('hex'))],
    [
      'properties of different names',
      { first: foreign.slice(0, 20), second: foreign.slice(20, 29), third: foreign.slice(29) },
    ],
    ['calls of a spy', { calls: chunksOf(foreign, 5).map((delta) => ['text', { delta }]) }],
  ]
  test.each(chunkings)('finds a canary that is split over %s', (_name, output) => {
    expect(leak(output)).toContain('put together)')
  })

  test('says how the canary was encoded', () => {
    expect(leak({ note: toBase64(foreign) })).toContain('at output.note (base64)')
    expect(leak({ note: toBase64(toBase64(foreign)) })).toContain('at output.note (base64 of base64)')
    expect(leak({ note: Buffer.from(foreign, 'utf16le') })).toContain('at output.note (UTF-16)')
  })

  const unsearchable: readonly (readonly [string, () => unknown, string])[] = [
    ['a promise', () => Promise.resolve(foreign), 'output.inner is a promise'],
    ['a Response', () => new Response(foreign), 'output.inner is a stream'],
    ['a Blob', () => new Blob([foreign]), 'output.inner is a stream'],
    ['a ReadableStream', () => new Blob([foreign]).stream(), 'output.inner is a stream'],
    ['an iterator', () => [foreign].values(), 'output.inner is a stream'],
    ['gzip', () => gzipSync(foreign), 'output.inner is compressed'],
    ...[1, 4, 6, 9].map(
      (level) =>
        [`zlib of level ${level}`, () => deflateSync(foreign, { level }), 'output.inner is compressed'] as const,
    ),
    ['gzip as a list of numbers', () => [...gzipSync(foreign)], 'output.inner is compressed'],
    ['gzip in JSON', () => JSON.stringify(gzipSync(foreign)), 'is compressed'],
    ['Zstandard', () => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0), 'output.inner is compressed'],
    ['a WeakMap', () => new WeakMap([[{}, foreign]]), 'output.inner is a WeakMap'],
    [
      'an object without end',
      () =>
        new (class Endless {
          get next_(): object {
            return new Endless()
          }
        })(),
      'nested too deep',
    ],
  ]
  test.each(unsearchable)('refuses %s, which it cannot search', (_name, make, words) => {
    expect(leak({ inner: make() })).toContain(words)
  })

  test('goes through cycles, and through getters that throw', () => {
    const cycle: { self?: unknown; readonly note: string } = {
      get note(): string {
        throw new Error('not here')
      },
    }
    cycle.self = cycle
    expect(expectOnlyOwn(cycle, alice)).toBe(0)
  })

  test('refuses to pass when nobody else has a canary', () => {
    const place = Symbol.for('@user-execution-context/testing canaries')
    const kept = (globalThis as Record<symbol, unknown>)[place]
    delete (globalThis as Record<symbol, unknown>)[place]
    try {
      newCanary(alice)
      expect(leak('anything')).toContain('this check could not fail')
    } finally {
      ;(globalThis as Record<symbol, unknown>)[place] = kept
    }
  })

  test('finds canaries of a module that a runner loaded anew', async () => {
    const { vi } = await import('vitest')
    vi.resetModules()
    const again = await import('../../src/canaries/expect-only-own.ts')
    expect(again.expectOnlyOwn).not.toBe(expectOnlyOwn)
    expect(messageOf(() => again.expectOnlyOwn(foreign, alice))).toContain('of "bob"')
  })
})
