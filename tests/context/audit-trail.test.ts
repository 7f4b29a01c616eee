import { describe, expect, it } from 'vitest'
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
        { path: 'details.socket', kind: 'live object' },
      ],
    })
    expect(stored).toEqual([])
  })
})

describe('verifyAuditTrail', () => {
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
