import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toCanonicalJson } from '../../src/facts/canonical-json.ts'
import { createForUser, deriveChild, openAuditTrail, verifyAuditTrail, type AuditRecord } from '../../src/index.ts'
import { vouchForUser } from '../../src/restricted.ts'

const context = createForUser(vouchForUser('auth0:5f7c', { reason: 'nightly report', tenantId: 'acme' }), {
  auditMetadata: { address: '192.0.2.7' },
})

async function threeRecords(): Promise<AuditRecord[]> {
  const records: AuditRecord[] = []
  const trail = openAuditTrail({ write: (record) => void records.push(record) })
  await Promise.all([
    trail.record(context, 'run-started'),
    trail.record(deriveChild(context, 'search-notes'), 'tool-called', { hits: 3 }),
    trail.record(context, 'run-completed'),
  ])
  return records
}

describe('openAuditTrail', () => {
  it('says who acted, why we believed it and where the request came from', async () => {
    const [first, second] = await threeRecords()
    expect(first).toMatchObject({
      sequence: 1,
      action: 'run-started',
      userId: 'auth0:5f7c',
      tenantId: 'acme',
      identityProvider: 'vouched',
      identityReason: 'nightly report',
      requestId: context.requestId,
      auditMetadata: { address: '192.0.2.7' },
    })
    expect(second).toMatchObject({
      sequence: 2,
      operation: 'search-notes',
      parentRequestId: context.requestId,
      details: { hits: 3 },
    })
  })

  it('goes on from the record before when storing one failed', async () => {
    const stored: AuditRecord[] = []
    const trail = openAuditTrail({
      write: (record) => {
        if (record.action === 'second') throw new Error('disk full')
        stored.push(record)
      },
    })
    const outcomes = await Promise.allSettled([
      trail.record(context, 'first'),
      trail.record(context, 'second'),
      trail.record(context, 'third'),
    ])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(stored.map((record) => [record.sequence, record.action])).toEqual([
      [1, 'first'],
      [2, 'third'],
    ])
    expect(() => verifyAuditTrail(stored)).not.toThrow()
  })

  it('continues an earlier trail', async () => {
    const records = await threeRecords()
    const trail = openAuditTrail({ write: (record) => void records.push(record), last: records.at(-1)! })
    await trail.record(context, 'signed-out')
    expect(() => verifyAuditTrail(records)).not.toThrow()
  })

  it('refuses details that are not plain JSON, and stores nothing', async () => {
    const stored: AuditRecord[] = []
    const trail = openAuditTrail({ write: (record) => void stored.push(record) })
    await expect(trail.record(context, 'x y', { socket: new Map() as never })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
      issues: [
        { path: 'action', kind: 'illegal character' },
        { path: 'details[key 1]', kind: 'live object' },
      ],
    })
    expect(stored).toEqual([])
  })
})

describe('a record', () => {
  it('names the session of a user who has one, and no session of one who has none', async () => {
    const records: AuditRecord[] = []
    const trail = openAuditTrail({ write: (record) => void records.push(record) })
    const signedIn = createForUser(vouchForUser('user-1', { reason: 'unit test', sessionId: 'session-1' }))
    await trail.record(signedIn, 'run-started')
    await trail.record(context, 'run-started')
    expect(records.map((record) => record.sessionId)).toEqual(['session-1', undefined])
    expect(records.map((record) => 'sessionId' in record)).toEqual([true, false])
  })

  it('is frozen before it is stored, so that no store can change what the chain goes on from', async () => {
    const trail = openAuditTrail({
      write: (record) => {
        expect(Object.isFrozen(record)).toBe(true)
        expect(() => ((record as { hash: string }).hash = '0'.repeat(64))).toThrow(TypeError)
      },
    })
    const record = await trail.record(context, 'run-started', { hits: [1] })
    expect(Object.isFrozen(record.details)).toBe(true)
  })

  it('holds the hash of the record before it', async () => {
    const [first, second, third] = await threeRecords()
    expect([first!.previousHash, second!.previousHash, third!.previousHash]).toEqual([
      '0'.repeat(64),
      first!.hash,
      second!.hash,
    ])
  })
})

describe('openAuditTrail without a place to write to', () => {
  it.each([[undefined], [null], [{}], [{ write: 'file' }]])('is refused: %j', (options) => {
    expect(() => openAuditTrail(options as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_INVALID_OPTIONS',
        issues: [{ path: 'write', kind: 'not a function' }],
      }),
    )
  })

  it('is refused with a key that nobody knows, which would begin a new trail', () => {
    const open = () => openAuditTrail({ write: () => {}, lastRecord: { sequence: 1, hash: 'x' } } as never)
    expect(open).toThrow(expect.objectContaining({ issues: [{ path: 'lastRecord', kind: 'unknown key' }] }))
  })

  it.each([
    ['null', null],
    ['an empty object', {}],
    ['a number', 7],
    ['a sequence as a text, as a driver gives a bigint', { sequence: '5', hash: 'a'.repeat(64) }],
    ['a sequence that no number holds', { sequence: 2 ** 53, hash: 'a'.repeat(64) }],
    ['a hash that is none', { sequence: 5, hash: 'a'.repeat(63) }],
  ])('continues no trail after a last record that is %s', (_what, last) => {
    expect(() => openAuditTrail({ write: () => {}, last: last as never })).toThrow(
      expect.objectContaining({ issues: [{ path: 'last', kind: 'does not fit' }] }),
    )
  })
})

/** The record with a hash that fits what it says now. */
const rehash = ({ hash: _hash, ...record }: AuditRecord): AuditRecord => ({
  ...record,
  hash: createHash('sha256').update(toCanonicalJson(record)).digest('hex'),
})

describe('verifyAuditTrail', () => {
  it.each<[string, (records: AuditRecord[]) => AuditRecord[], string]>([
    [
      'an edited record with a new hash: the next one still holds the old hash',
      ([first, second, third]) => [first!, rehash({ ...second!, userId: 'mallory' }), third!],
      '[2]',
    ],
    [
      'an edited last record with a sequence that fits and a previous hash that does not',
      ([first, second, third]) => [first!, second!, rehash({ ...third!, previousHash: first!.hash })],
      '[2]',
    ],
    [
      'a chain that is hashed anew after a removal, with the sequence left as it was',
      ([first, , third]) => [first!, rehash({ ...third!, previousHash: first!.hash })],
      '[1]',
    ],
    ['a first record that is no first one', ([, second, third]) => [second!, third!], '[0]'],
    ['null in place of a record', () => [null as never], '[0]'],
    ['text in place of a record', ([first]) => [first!, 'record' as never], '[1]'],
  ])('finds %s', async (_what, tamper, path) => {
    const records = tamper(await threeRecords())
    expect(() => verifyAuditTrail(records)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_AUDIT_BROKEN', issues: [{ path, kind: 'does not fit' }] }),
    )
  })

  it('accepts a trail that went through storage which reorders keys', async () => {
    const reordered = (await threeRecords()).map(
      (record) => JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(record).reverse()))) as AuditRecord,
    )
    expect(() => verifyAuditTrail(reordered)).not.toThrow()
  })

  it.each<[string, (records: AuditRecord[]) => AuditRecord[], string]>([
    [
      'changed',
      (records) => records.map((record) => (record.sequence === 2 ? { ...record, userId: 'mallory' } : record)),
      '[1]',
    ],
    ['removed', (records) => records.filter((record) => record.sequence !== 2), '[1]'],
    ['swapped', ([first, second, third]) => [second!, first!, third!], '[0]'],
  ])('finds a record that was %s', async (_how, tamper, path) => {
    const records = tamper(await threeRecords())
    expect(() => verifyAuditTrail(records)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_AUDIT_BROKEN', issues: [{ path, kind: 'does not fit' }] }),
    )
  })
})
