// Kinds of refusal that share a code: the issue of the error tells them apart, in the log and nowhere else.
import { base64url } from 'jose'
import { isContextError, toClientAnswer } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { inProcessReplayMemory, openSealed, parseBoundJson, sealContext, sealingKeys } from '../src/index.ts'
import { alice, bob, contextOf, fromChat, newKey, opening, readableSigner, ring, sealing, utf8 } from './deployment.ts'

type Options = Omit<Partial<Parameters<typeof openSealed>[1]>, 'liveness' | 'sessions'>

const part = (value: unknown): string => base64url.encode(utf8(JSON.stringify(value)))
const headerOf = (text: string): object =>
  JSON.parse(Buffer.from(text.split('.')[0]!, 'base64url').toString()) as object
const withHeader = (text: string, more: object): string =>
  [part({ ...headerOf(text), ...more }), ...text.split('.').slice(1)].join('.')
const sealed = () => sealContext(alice, sealing)
const signed = () => sealContext(alice, { ...sealing, sealer: readableSigner.sealer })
const bound = () => sealContext(alice, { ...sealing, bind: utf8('job-1') })
const service: Options = { opener: fromChat.opener }
/** The same signature, with the bits set that its last character has to spare. */
const withSpareBits = (text: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)!) + 1]!
}
const retired = sealingKeys({
  workload: 'web',
  keys: [newKey('k2', 2), newKey('k1', 1, { retiredAtMs: Date.now() - 60_000 })],
}).opener

/** What is presented, how it is opened, and the issue by which it is told from others of its code. */
type Row = readonly [what: string, code: string, issue: string, text: () => unknown, options?: Options]
const rows: readonly Row[] = [
  ['no text', 'MALFORMED', 'text: not a string', () => undefined],
  ['a text that was cut', 'MALFORMED', 'text: does not fit', async () => (await sealed()).slice(0, 100)],
  [
    'base64url that is not canonical',
    'MALFORMED',
    'text: illegal character',
    async () => withSpareBits(await sealed()),
  ],
  ['base64url with padding', 'MALFORMED', 'text: illegal character', async () => `${await sealed()}=`],
  [
    'a header that is no JSON',
    'MALFORMED',
    'header: not JSON',
    async () => ['AAAA', ...(await sealed()).split('.').slice(1)].join('.'),
  ],
  ['a header with more', 'MALFORMED', 'header: unknown key', async () => withHeader(await sealed(), { crit: ['x'] })],
  ['a login token', 'TYPE', 'typ: does not fit', async () => withHeader(await signed(), { typ: 'at+jwt' }), service],
  [
    'a token without a type',
    'TYPE',
    'typ: missing',
    async () => withHeader(await signed(), { typ: undefined }),
    service,
  ],
  ['alg none', 'ALGORITHM', 'alg: refused by policy', async () => withHeader(await signed(), { alg: 'nOnE' }), service],
  ['a signed text for a ring', 'ALGORITHM', 'alg: does not fit', signed],
  ['another encryption', 'ALGORITHM', 'enc: does not fit', async () => withHeader(await sealed(), { enc: 'A128GCM' })],
  [
    'a key that was rotated away',
    'KEY',
    'kid: does not fit',
    sealed,
    { opener: sealingKeys({ workload: 'web', keys: [newKey('k2', 2)] }).opener },
  ],
  [
    'a service that is not known',
    'KEY',
    'kid: does not fit',
    async () => withHeader(await signed(), { kid: 'x' }),
    service,
  ],
  ['no key named', 'KEY', 'kid: missing', async () => withHeader(await sealed(), { kid: undefined })],
  ['a text made after its key was retired', 'KEY', 'retiredAtMs: too small', sealed, { opener: retired }],
  [
    'a text of another namespace',
    'SUBJECT',
    'owner.namespace: does not fit',
    sealed,
    { owner: contextOf('alice', { tenantId: 'acme', namespace: 'https://a.example' }) },
  ],
  ['a text of another user', 'SUBJECT', 'owner.userId: does not fit', sealed, { owner: bob }],
  ['a text of another thread', 'RUN', 'threadId: does not fit', sealed, { threadId: bob.threadId }],
  ['a text of another run', 'RUN', 'runId: does not fit', sealed, { runId: bob.runId }],
  ['bytes at sealing only', 'BINDING_ONE_SIDED', 'bind: missing', bound],
  ['bytes at opening only', 'BINDING_ONE_SIDED', 'bind: does not fit', sealed, { bind: utf8('job-1') }],
  ['once at sealing only', 'ONCE_ONE_SIDED', 'replay: missing', () => sealContext(alice, { ...sealing, once: true })],
  ['a memory at opening only', 'ONCE_ONE_SIDED', 'replay: does not fit', sealed, { replay: inProcessReplayMemory() }],
  ['a key twice', 'AMBIGUOUS_JSON', 'bind[0]: duplicate', bound, { bind: utf8('{"a":1,"a":2}') }],
  [
    'an unsafe integer',
    'AMBIGUOUS_JSON',
    'bind[1]: too large',
    bound,
    { bind: [utf8('a'), utf8('[9007199254740993]')] },
  ],
  ['half a surrogate pair', 'AMBIGUOUS_JSON', 'bind[0]: illegal character', bound, { bind: utf8('["\\ud83d"]') }],
  ['no UTF-8', 'AMBIGUOUS_JSON', 'bind[0]: does not fit', bound, { bind: Uint8Array.of(0x22, 0xff, 0x22) }],
]

async function errorOf(attempt: () => unknown) {
  const error: unknown = await Promise.resolve()
    .then(attempt)
    .catch((caught: unknown) => caught)
  if (!isContextError(error)) throw new Error(`let in: ${String(error)}`)
  return error
}
const toIssues = (error: Awaited<ReturnType<typeof errorOf>>) =>
  error.issues.map(({ path, kind }) => `${path}: ${kind}`)

describe('kinds of refusal that share a code', () => {
  test.each(rows.map(([what, code, issue, text, options]) => ({ what, code, issue, text, options })))(
    '$what: $issue',
    async ({ code, issue, text, options }) => {
      const error = await errorOf(async () => openSealed((await text()) as string, { ...opening, ...options }))
      expect([error.code, ...toIssues(error)]).toEqual([`ERR_CONTEXT_SEAL_${code}`, issue])
    },
  )

  test('are told apart: each kind of a code has an issue of its own', () => {
    const alike = ['base64url that is not canonical', 'base64url with padding', 'a service that is not known']
    const kinds = rows.filter(([what]) => !alike.slice(1).includes(what)).map(([, code, issue]) => `${code} ${issue}`)
    expect(new Set(kinds).size).toBe(kinds.length)
  })

  test('are told to no client', async () => {
    const answers = new Set<string>()
    for (const [, code, , text, options] of rows) {
      if (code === 'AMBIGUOUS_JSON') continue
      const error = await errorOf(async () => openSealed((await text()) as string, { ...opening, ...options }))
      answers.add(JSON.stringify(toClientAnswer(error)))
    }
    expect(answers.size).toBe(1)
  })

  test.each([
    ['a key twice', '{"a":1,"a":2}', 'bytes: duplicate'],
    ['no JSON', '{"a":1', 'bytes: not JSON'],
  ])('parseBoundJson() names %s', async (_what, text, issue) => {
    const error = await errorOf(() => parseBoundJson(utf8(text)))
    expect(toIssues(error)).toEqual([issue])
  })

  test('the ring that sealed opens what has none of them', async () => {
    await expect(openSealed(await sealed(), { ...opening, opener: ring.opener, owner: alice })).resolves.toBeDefined()
  })
})
