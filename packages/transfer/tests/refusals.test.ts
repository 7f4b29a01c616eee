// The refusal table: every way in which a text can be wrong, and the code that says so. The count is printed.
import { base64url, CompactEncrypt, CompactSign, importJWK, SignJWT } from 'jose'
import { ContextError, toClientAnswer } from 'user-execution-context'
import { beforeAll, describe, expect, test } from 'vitest'
import { inProcessReplayMemory, openSealed, sealContext, sealingKeys, verificationKeys } from '../src/index.ts'
import { keyDerivation } from '../src/keys/derive-key.ts'
import {
  alice,
  bob,
  chat,
  codeOf,
  contextOf,
  fromChat,
  hop,
  newKey,
  newPair,
  opening,
  readableSigner,
  sealing,
  utf8,
} from './deployment.ts'

type Claims = Record<string, unknown> & { readonly tctx: object; readonly rctx: object }
type Options = Omit<Partial<Parameters<typeof openSealed>[1]>, 'liveness' | 'sessions'>

const claims: Claims = {
  jti: crypto.randomUUID(),
  iat: Date.now() / 1000,
  exp: Date.now() / 1000 + 600,
  aud: hop.audience,
  txn: alice.runId,
  sub: 'alice',
  scope: 'notes:read',
  req_wl: 'chat',
  tctx: { purpose: hop.purpose, ns: 'vouched', thread: alice.threadId, made: Date.now() / 1000 },
  rctx: { request: alice.requestId, depth: 0, provider: 'vouched' },
}
const signHeader = { alg: 'EdDSA', typ: 'txntoken+jwt', kid: chat.publicKey.kid }
const sealHeader = {
  alg: 'dir',
  enc: 'A256GCM',
  typ: 'txntoken+jwt',
  kid: 'k1',
  aud: hop.audience,
  purpose: hop.purpose,
}

/** A text that the service `chat` really signed, with what an honest sealer never writes. */
const sign = async (more: object, header: object = {}): Promise<string> =>
  new CompactSign(utf8(JSON.stringify({ ...claims, ...more })))
    .setProtectedHeader({ ...signHeader, ...header } as never)
    .sign(await importJWK({ ...chat.privateKey }, 'EdDSA'))
/** A text that is encrypted under the real key of the ring. */
const encrypt = async (plaintext: string, header: object = {}): Promise<string> =>
  new CompactEncrypt(utf8(plaintext))
    .setProtectedHeader({ ...sealHeader, ...header })
    .encrypt(await keyDerivation(Buffer.alloc(32, 1))(hop))
const part = (value: unknown): string =>
  base64url.encode(utf8(typeof value === 'string' ? value : JSON.stringify(value)))
const withHeader = (text: string, header: unknown): string => [part(header), ...text.split('.').slice(1)].join('.')
const withPayload = (text: string, payload: unknown): string => {
  const [header, , signature] = text.split('.')
  return [header, part(payload), signature].join('.')
}

const sealed = () => sealContext(alice, sealing)
const signed = () => sealContext(alice, { ...sealing, sealer: readableSigner.sealer })
const service: Options = { opener: fromChat.opener }
const bind = utf8('job-1')

/** What is presented, how it is opened, and the code that it must be refused with. */
type Row = readonly [what: string, code: string, text: () => Promise<string> | string, options?: Options]
const SEAL = 'ERR_CONTEXT_SEAL_'
const rows: readonly Row[] = [
  ['a text cut in the middle', `${SEAL}MALFORMED`, async () => (await sealed()).slice(0, 100)],
  ['a header that is no JSON', `${SEAL}MALFORMED`, async () => withHeader(await sealed(), 'no JSON')],
  ['a header that is a list', `${SEAL}MALFORMED`, async () => withHeader(await sealed(), [1])],
  ['a header with a key inside (jwk)', `${SEAL}MALFORMED`, () => sign({}, { jwk: chat.publicKey }), service],
  ['a header with an address of keys (jku)', `${SEAL}MALFORMED`, () => sign({}, { jku: 'https://x.example' }), service],
  [
    'a header that wants decompression (RFC 8725 section 3.6)',
    `${SEAL}MALFORMED`,
    async () => withHeader(await sealed(), { ...sealHeader, zip: 'DEF' }),
  ],
  ['a text of 32,769 characters', `${SEAL}TOO_LARGE`, () => 'A'.repeat(32_769)],
  ['a login token: at+jwt', `${SEAL}TYPE`, () => sign({}, { typ: 'at+jwt' }), service],
  ['a login token: JWT', `${SEAL}TYPE`, () => sign({}, { typ: 'JWT' }), service],
  ['a token without a type', `${SEAL}TYPE`, () => sign({}, { typ: undefined }), service],
  ['a type in capitals', `${SEAL}TYPE`, () => sign({}, { typ: 'TXNTOKEN+JWT' }), service],
  ['alg none', `${SEAL}ALGORITHM`, async () => withHeader(await signed(), { ...signHeader, alg: 'none' }), service],
  [
    'alg none, without a signature',
    `${SEAL}ALGORITHM`,
    () => `${part({ ...signHeader, alg: 'none' })}.${part(claims)}.`,
    service,
  ],
  ['alg None', `${SEAL}ALGORITHM`, async () => withHeader(await signed(), { ...signHeader, alg: 'None' }), service],
  [
    'alg Ed25519',
    `${SEAL}ALGORITHM`,
    async () => withHeader(await signed(), { ...signHeader, alg: 'Ed25519' }),
    service,
  ],
  [
    'key confusion: HS256 with the public key as the secret',
    `${SEAL}ALGORITHM`,
    () =>
      new SignJWT(claims).setProtectedHeader({ ...signHeader, alg: 'HS256' }).sign(base64url.decode(chat.publicKey.x)),
    service,
  ],
  [
    'key confusion: HS256 with the secret of the ring',
    `${SEAL}ALGORITHM`,
    () => new SignJWT(claims).setProtectedHeader({ ...signHeader, alg: 'HS256', kid: 'k1' }).sign(Buffer.alloc(32, 1)),
  ],
  ['alg A256GCMKW', `${SEAL}ALGORITHM`, async () => withHeader(await sealed(), { ...sealHeader, alg: 'A256GCMKW' })],
  ['enc A128GCM', `${SEAL}ALGORITHM`, async () => withHeader(await sealed(), { ...sealHeader, enc: 'A128GCM' })],
  ['a signed text for the ring', `${SEAL}ALGORITHM`, signed],
  ['an encrypted text for a service', `${SEAL}ALGORITHM`, sealed, service],
  ['an unknown kid', `${SEAL}KEY`, async () => withHeader(await sealed(), { ...sealHeader, kid: 'k9' })],
  ['no kid', `${SEAL}KEY`, async () => withHeader(await sealed(), { ...sealHeader, kid: undefined })],
  [
    'a key that was rotated away',
    `${SEAL}KEY`,
    sealed,
    { opener: sealingKeys({ workload: 'web', keys: [newKey('k2', 2)] }).opener },
  ],
  [
    'a text made after its key was retired',
    `${SEAL}KEY`,
    sealed,
    {
      opener: sealingKeys({
        workload: 'web',
        keys: [newKey('k2', 2), newKey('k1', 1, { retiredAtMs: Date.now() - 60_000 })],
      }).opener,
    },
  ],
  [
    'another secret under the same kid',
    `${SEAL}BROKEN`,
    sealed,
    { opener: sealingKeys({ workload: 'web', keys: [newKey('k1', 2)] }).opener },
  ],
  [
    'another service under the same kid',
    `${SEAL}BROKEN`,
    signed,
    { opener: verificationKeys({ workload: 'chat', keys: [(await newPair('chat-1')).publicKey] }).opener },
  ],
  ['a swapped subject', `${SEAL}BROKEN`, async () => withPayload(await signed(), { ...claims, sub: 'bob' }), service],
  [
    'a swapped tenant',
    `${SEAL}BROKEN`,
    async () => withPayload(await signed(), { ...claims, tctx: { ...claims.tctx, tid: 'other' } }),
    service,
  ],
  ['a swapped run', `${SEAL}BROKEN`, async () => withPayload(await signed(), { ...claims, txn: bob.runId }), service],
  [
    'more permissions',
    `${SEAL}BROKEN`,
    async () => withPayload(await signed(), { ...claims, scope: 'admin' }),
    service,
  ],
  [
    'the tag of another text',
    `${SEAL}BROKEN`,
    async () => [...(await sealed()).split('.').slice(0, 4), (await sealed()).split('.')[4]].join('.'),
  ],
  [
    'the body of another text',
    `${SEAL}BROKEN`,
    async () =>
      [
        ...(await sealed()).split('.').slice(0, 2),
        ...(await sealed()).split('.').slice(2, 4),
        (await sealed()).split('.')[4],
      ].join('.'),
  ],
  [
    'a text for another audience, relabelled',
    `${SEAL}BROKEN`,
    async () => withHeader(await sealContext(alice, { ...sealing, audience: 'other' }), sealHeader),
  ],
  [
    'a text for another purpose, relabelled',
    `${SEAL}BROKEN`,
    async () => withHeader(await sealContext(alice, { ...sealing, purpose: 'other' }), sealHeader),
  ],
  ['a text for another audience', `${SEAL}AUDIENCE`, () => sealContext(alice, { ...sealing, audience: 'other' })],
  ['a signed text for another audience', `${SEAL}AUDIENCE`, () => sign({ aud: 'other' }), service],
  ['a text for another purpose', `${SEAL}PURPOSE`, () => sealContext(alice, { ...sealing, purpose: 'other' })],
  [
    'a signed text for another purpose',
    `${SEAL}PURPOSE`,
    () => sign({ tctx: { ...claims.tctx, purpose: 'other' } }),
    service,
  ],
  ['a service that speaks for another', `${SEAL}SENDER`, () => sign({ req_wl: 'billing' }), service],
  [
    'a service that speaks for the pseudonyms of another',
    `${SEAL}SENDER`,
    () => sign({ tctx: { ...claims.tctx, ns: 'pairwise:billing' } }),
    service,
  ],
  ['a namespace that is none', `${SEAL}CLAIMS`, () => sign({ tctx: { ...claims.tctx, ns: 'a b' } }), service],
  [
    'a text of another namespace',
    `${SEAL}SUBJECT`,
    () => sign({ tctx: { ...claims.tctx, ns: 'https://a.example' } }),
    {
      ...service,
      owner: contextOf('alice'),
    },
  ],
  ['a text that has ended', `${SEAL}EXPIRED`, () => sign({ exp: Date.now() / 1000 - 0.001 }), service],
  ['a text from the future', `${SEAL}NOT_YET_VALID`, () => sign({ iat: Date.now() / 1000 + 60 }), service],
  ['a time of more than 400 days', `${SEAL}CLAIMS`, () => sign({ exp: Date.now() / 1000 + 401 * 86_400 }), service],
  ['a list of audiences', `${SEAL}CLAIMS`, () => sign({ aud: [hop.audience] }), service],
  ['a claim that this version does not know', `${SEAL}CLAIMS`, () => sign({ crit: ['x'] }), service],
  [
    'a detail that this version does not know',
    `${SEAL}CLAIMS`,
    () => sign({ tctx: { ...claims.tctx, only: 'x' } }),
    service,
  ],
  ['once that is not true', `${SEAL}CLAIMS`, () => sign({ tctx: { ...claims.tctx, once: 'false' } }), service],
  ['a time that is a text', `${SEAL}CLAIMS`, () => sign({ exp: '9999999999' }), service],
  ['no subject', `${SEAL}CLAIMS`, () => sign({ sub: undefined }), service],
  ['a subject that is no id', `${SEAL}CLAIMS`, () => sign({ sub: 'a b' }), service],
  ['a thread that is no id', `${SEAL}CLAIMS`, () => sign({ tctx: { ...claims.tctx, thread: 'a b' } }), service],
  ['a run that is left over', `${SEAL}CLAIMS`, () => sign({ txn: 'undefined' }), service],
  ['a permission that is none', `${SEAL}CLAIMS`, () => sign({ scope: 'a"b' }), service],
  ['an actor without a source', `${SEAL}CLAIMS`, () => sign({ act: { sub: 'bot', kind: 'agent' } }), service],
  [
    'an actor of another kind',
    `${SEAL}CLAIMS`,
    () => sign({ act: { sub: 'bot', kind: 'god', source: 'verified' } }),
    service,
  ],
  ['a chain of eleven actors', `${SEAL}CLAIMS`, () => sign({ act: chainOf(11) }), service],
  ['a kind that is none', `${SEAL}CLAIMS`, () => sign({ rctx: { ...claims.rctx, kind: 'admin' } }), service],
  ['a depth below zero', `${SEAL}CLAIMS`, () => sign({ rctx: { ...claims.rctx, depth: -1 } }), service],
  [
    'data that a context cannot hold',
    `${SEAL}CLAIMS`,
    () => encrypt(JSON.stringify({ ...claims, tctx: { ...claims.tctx, agent: { userId: 'bob' } } })),
  ],
  [
    'data in a signed text',
    `${SEAL}CLAIMS`,
    () => sign({ tctx: { ...claims.tctx, agent: { locale: 'en' } } }),
    service,
  ],
  ['sealed bytes that are no JSON', `${SEAL}CLAIMS`, () => encrypt('no JSON')],
  ['sealed JSON that is no record', `${SEAL}CLAIMS`, () => encrypt('[]')],
  [
    'other bytes than those that were bound',
    `${SEAL}BINDING`,
    () => sealContext(alice, { ...sealing, bind }),
    { bind: utf8('job-2') },
  ],
  ['bound bytes at sealing only', `${SEAL}BINDING_ONE_SIDED`, () => sealContext(alice, { ...sealing, bind })],
  ['bound bytes at opening only', `${SEAL}BINDING_ONE_SIDED`, sealed, { bind }],
  [
    'JSON that can be read in two ways',
    `${SEAL}AMBIGUOUS_JSON`,
    () => sealContext(alice, { ...sealing, bind }),
    { bind: utf8('{"a":1,"a":2}') },
  ],
  ['once at sealing only', `${SEAL}ONCE_ONE_SIDED`, () => sealContext(alice, { ...sealing, once: true })],
  ['a replay memory at opening only', `${SEAL}ONCE_ONE_SIDED`, sealed, { replay: inProcessReplayMemory() }],
  ['the second use of a text for one', `${SEAL}REPLAYED`, sealedAndUsed, { replay: inProcessReplayMemory() }],
  [
    'a memory that is full',
    `${SEAL}REPLAY_FULL`,
    () => sealContext(alice, { ...sealing, once: true }),
    { replay: fullMemory() },
  ],
  ['the text of another user', `${SEAL}SUBJECT`, sealed, { owner: bob }],
  ['a text of a tenant', `${SEAL}TENANT`, sealed, { owner: contextOf('alice', { tenantId: 'other' }) }],
  ['a text of another run', `${SEAL}RUN`, sealed, { runId: bob.runId }],
  ['a text of another thread', `${SEAL}RUN`, sealed, { threadId: bob.threadId }],
  [
    'an identity that has ended',
    'ERR_CONTEXT_IDENTITY_EXPIRED',
    () => sign({ tctx: { ...claims.tctx, idexp: 1 } }),
    service,
  ],
  [
    'an identity that has ended, not renewed',
    `${SEAL}REAUTHORIZATION`,
    () => sign({ tctx: { ...claims.tctx, idexp: 1 } }),
    { ...service, reauthorize: () => undefined },
  ],
]

function chainOf(length: number): object {
  const actor = { sub: 'bot', kind: 'agent', source: 'declared' }
  return length === 1 ? actor : { ...actor, act: chainOf(length - 1) }
}

async function sealedAndUsed(): Promise<string> {
  const text = await sealContext(alice, { ...sealing, once: true })
  const { replay } = rows.find(([, code]) => code === `${SEAL}REPLAYED`)![3]!
  await openSealed(text, { ...opening, replay })
  return text
}

function fullMemory() {
  const replay = inProcessReplayMemory({ maxTexts: 1 })
  void replay.claim('other', 'job', Date.now() + 3_600_000)
  return replay
}

describe('a text that is refused (Transaction Tokens, Txn-Token Validation)', () => {
  beforeAll(() =>
    console.log(`refusal table: ${rows.length} rows, ${new Set(rows.map(([, code]) => code)).size} codes`),
  )

  test.each(rows.map(([what, code, text, options]) => ({ what, code, text, options })))(
    '$what: $code',
    async ({ code, text, options }) => {
      expect(await codeOf(openSealed(await text(), { ...opening, ...options }))).toBe(code)
    },
  )

  test('stands beside texts of both forms that are let in', async () => {
    expect(await codeOf(openSealed(await sealed(), opening))).toMatch(/^let in/)
    expect(await codeOf(openSealed(await signed(), { ...opening, ...service }))).toMatch(/^let in/)
    expect(await codeOf(openSealed(await sign({}), { ...opening, ...service }))).toMatch(/^let in/)
    const plaintext = JSON.stringify({ ...claims, tctx: { ...claims.tctx, agent: { locale: 'en' } } })
    expect(await codeOf(openSealed(await encrypt(plaintext), opening))).toMatch(/^let in/)
  })

  // Transaction Tokens, Logging.
  test('tells nothing of itself: no value in the message, one answer for all clients', async () => {
    const answers = new Set<string>()
    for (const [, code, text, options] of rows) {
      const candidate = await text()
      const error: unknown = await openSealed(candidate, { ...opening, ...options }).catch((caught: unknown) => caught)
      if (!(error instanceof ContextError)) throw new Error(`${code} was let in`)
      expect(error.message).not.toMatch(/alice|bob|acme|session-a|job-\d|k1|chat-1/)
      expect(error.message).not.toContain(candidate.slice(0, 20))
      if (!apart.includes(code)) answers.add(JSON.stringify(toClientAnswer(error)))
    }
    expect([...answers]).toEqual([JSON.stringify(toClientAnswer(new ContextError('ERR_CONTEXT_SEAL_BROKEN')))])
  })
})

/** Told apart: the client's own JSON, a memory to wait for, a sign-in that has ended. */
const apart = [`${SEAL}AMBIGUOUS_JSON`, `${SEAL}REPLAY_FULL`, 'ERR_CONTEXT_IDENTITY_EXPIRED']
