import type { AuditRecord, AuditTrailOptions } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { auditTrailContract, type AuditTrailContractOptions } from '../../src/contracts/audit-trail-contract.ts'

type Write = (records: AuditRecord[], record: AuditRecord) => Promise<void> | void

/** A store that keeps its trails in process, as one in a database does. */
function openStore(write: Write = add): AuditTrailContractOptions {
  const trails = new Map<string, AuditRecord[]>()
  const recordsOf = (trail: string): AuditRecord[] => {
    const records = trails.get(trail) ?? []
    trails.set(trail, records)
    return records
  }
  return {
    open: (trail): AuditTrailOptions => {
      const records = recordsOf(trail)
      return { write: (record) => write(records, record), last: records.at(-1) }
    },
    read: (trail) => [...recordsOf(trail)],
  }
}

const add: Write = (records, record) => {
  const last = records.at(-1)
  if (last?.hash === record.hash) return
  const isNext = record.sequence === records.length + 1 && (last === undefined || record.previousHash === last.hash)
  if (!isNext) throw new Error('Another process has this place')
  records.push(record)
}

describe('a store that checks each place', () => {
  test.each(auditTrailContract(openStore()))('keeps the contract: $name', ({ run }) => run())
})

describe('auditTrailContract', () => {
  const faulty: Readonly<Record<string, AuditTrailContractOptions>> = {
    'that takes whatever comes': openStore((records, record) => void records.push(record)),
    'that takes a record that comes again as another': openStore((records, record) => {
      if (record.sequence < records.length) throw new Error('too old')
      records.push(record)
    }),
    'that looks at the number alone': openStore((records, record) => {
      if (records.at(-1)?.hash === record.hash) return
      if (record.sequence !== records.length + 1) throw new Error('no place')
      records.push(record)
    }),
    'that looks and adds in two steps': openStore(async (records, record) => {
      add([...records], record)
      await Promise.resolve()
      if (records.at(-1)?.hash !== record.hash) records.push(record)
    }),
    'that keeps the first record of a place without a word to the second': openStore((records, record) => {
      if (record.sequence === records.length + 1) add(records, record)
    }),
    'that spoils text': openStore((records, record) =>
      add(records, JSON.parse(JSON.stringify(record).replaceAll('\\u0000', '')) as AuditRecord),
    ),
    'that forgets where a trail ends': { ...openStore(), ...withoutLast(openStore()) },
    'that has one trail for all': oneForAll(openStore()),
  }

  test.each(Object.entries(faulty))('finds a store %s', async (_how, store) => {
    const outcomes = await Promise.allSettled(auditTrailContract(store).map(({ run }) => run()))
    expect(outcomes.filter(({ status }) => status === 'rejected')).not.toEqual([])
  })
})

function withoutLast({ open, read }: AuditTrailContractOptions): AuditTrailContractOptions {
  return { open: async (trail) => ({ write: (await open(trail)).write }), read }
}

function oneForAll({ open, read }: AuditTrailContractOptions): AuditTrailContractOptions {
  return { open: () => open('all'), read: () => read('all') }
}
