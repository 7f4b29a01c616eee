/**
 * What every store of audit trails must do, as cases that any test runner can run.
 */
import { openAuditTrail, verifyAuditTrail, type AuditRecord, type AuditTrailOptions } from 'user-execution-context'
import { testContext } from '../contexts/test-context.ts'

/** One behaviour: a sentence, and a check that rejects with what was found instead. */
export type AuditTrailCase = { readonly name: string; readonly run: () => Promise<void> }

/** Options of {@link auditTrailContract}. */
export type AuditTrailContractOptions = {
  /** What openAuditTrail() takes, for this trail: `last` is where the trail ends now. Each call is another process. */
  readonly open: (trail: string) => AuditTrailOptions | Promise<AuditTrailOptions>
  /** All records of this trail, the first one first. */
  readonly read: (trail: string) => readonly AuditRecord[] | Promise<readonly AuditRecord[]>
}

/**
 * The cases for a store of audit trails: it keeps what verifies, and refuses what would break a trail.
 *
 * @param options - `open` and `read` of the store. It may hold trails of others: each case names trails of its own.
 * @example
 * ```ts
 * import { auditTrailContract } from '@user-execution-context/testing'
 * import type { AuditRecord, AuditTrailOptions } from 'user-execution-context'
 *
 * declare const open: (trail: string) => Promise<AuditTrailOptions>
 * declare const read: (trail: string) => Promise<readonly AuditRecord[]>
 * for (const { run } of auditTrailContract({ open, read })) await run()
 * ```
 */
export const auditTrailContract = ({ open, read }: AuditTrailContractOptions): readonly AuditTrailCase[] => {
  const fill = async (trail: string, count: number): Promise<readonly AuditRecord[]> => {
    const opened = openAuditTrail(await open(trail))
    const contexts = Array.from({ length: count }, (_, index) => testContext({ userId: `user-${index}` }))
    return Promise.all(contexts.map((context, index) => opened.record(context, 'note-deleted', { index, text })))
  }
  const expectTrail = async (trail: string, records: readonly AuditRecord[]): Promise<void> => {
    const found = await read(trail)
    if (JSON.stringify(found) !== JSON.stringify(records))
      throw new Error(`The trail has ${found.length} records, which are not the ${records.length} that were added`)
    verifyAuditTrail(found)
  }
  const newCase = (name: string, check: (trail: string) => Promise<void>): AuditTrailCase => ({
    name,
    run: () => check(`trail-${crypto.randomUUID()}`),
  })
  return [
    newCase('keeps a trail that verifies, with every field', async (trail) => {
      await expectTrail(trail, await fill(trail, 3))
    }),
    newCase('goes on with a trail after a restart', async (trail) => {
      const before = await fill(trail, 2)
      await expectTrail(trail, [...before, ...(await fill(trail, 2))])
    }),
    newCase('keeps trails apart', async (trail) => {
      const [mine, other] = [await fill(trail, 1), await fill(`${trail}-other`, 2)]
      await expectTrail(trail, mine)
      await expectTrail(`${trail}-other`, other)
    }),
    newCase('takes a record that comes again, because its answer was lost, as one', async (trail) => {
      const { write } = await open(trail)
      const [record] = await fill(`${trail}-source`, 1)
      await write(record!)
      await write(record!)
      await expectTrail(trail, [record!])
    }),
    newCase('refuses the record of a second process, and goes on with the first', async (trail) => {
      const [one, two] = [openAuditTrail(await open(trail)), openAuditTrail(await open(trail))]
      const first = await one.record(testContext(), 'first')
      await expectRefused(() => two.record(testContext(), 'second'))
      await expectTrail(trail, [first, await one.record(testContext(), 'third')])
    }),
    newCase('keeps one of two records that come at the same time for one place', async (trail) => {
      const trails = await Promise.all([open(trail), open(trail), open(trail)])
      const writes = trails.map((options) => openAuditTrail(options).record(testContext(), 'at-once'))
      const outcomes = await Promise.allSettled(writes)
      const kept = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
      if (kept.length !== 1) throw new Error(`${kept.length} records were kept for one place`)
      await expectTrail(trail, kept)
    }),
    newCase('refuses a record that does not follow the last one', async (trail) => {
      const { write } = await open(trail)
      const [first, second, third] = await fill(`${trail}-source`, 3)
      await expectRefused(() => write(second!))
      await write(first!)
      await expectRefused(() => write(third!))
      await expectRefused(() => write({ ...second!, previousHash: third!.hash }))
      await write(second!)
      await expectTrail(trail, [first!, second!])
    }),
  ]
}

/** What a database, a file or a queue may spoil. */
const text = 'it\'s "quoted" \\ \u0000 \u2028 鴨 🦆'

async function expectRefused(write: () => unknown): Promise<void> {
  try {
    await write()
  } catch {
    return
  }
  throw new Error('The store took a record that breaks the trail')
}
