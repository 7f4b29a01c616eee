// Guards of the database, undone: a kill test must go red without each of them.
import { appendSql } from '../../src/migrations/functions/append.ts'
import { claimSql } from '../../src/migrations/functions/claim.ts'

const change = (sql: string, from: string | RegExp, to: string): string => {
  const changed = sql.replace(from, to)
  if (changed === sql) throw new Error('The guard to undo is not there')
  return changed.replaceAll('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION')
}
const asOwner = (sql: string): readonly string[] => ['SET ROLE uec_owner', sql]

export const plants = {
  'a claim without a lease': asOwner(
    change(claimSql, 'clock_timestamp() + make_interval(secs => lease_ms / 1000.0)', "'infinity'"),
  ),
  'numbering by max + 1 without the epoch': asOwner(
    change(
      change(
        claimSql,
        'SET epoch_starts = r.epoch_starts || (r.last_sequence + 1)',
        "SET epoch_starts = '{1}'::bigint[]",
      ),
      'WHERE run.epoch_starts[cardinality(run.epoch_starts)] = 1',
      'ON CONFLICT DO NOTHING',
    ),
  ),
  'an append without the fence': asOwner(
    change(appendSql, 'coalesce(g.epoch = cardinality(r.epoch_starts), false)', 'NOT r.run_id IS NULL'),
  ),
  // The index alone changes nothing that shows: uec.append() looks for an end, and for the newest writer, before.
  'an end without a look at the one before': asOwner(
    change(
      change(appendSql, 'coalesce(g.epoch = cardinality(r.epoch_starts), false)', 'NOT r.run_id IS NULL'),
      'r.ended_at IS NOT NULL AS has_ended',
      'false AS has_ended',
    ),
  ),
  'an end without the unique index': asOwner('DROP INDEX uec.events_one_end'),
  // Told of once, as by a notification that carries it: whoever is away at that moment never hears of it.
  'a revocation that is not replayed after a cut': asOwner(
    `ALTER POLICY every_node ON uec.revocations
      USING ((SELECT uec.owner()) IS NULL AND written_at > clock_timestamp() - interval '1 second')`,
  ),
  'a revocation that no node hears': [
    `CREATE FUNCTION uec.hide() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.until_ms := 0; RETURN NEW; END'`,
    'CREATE TRIGGER hide BEFORE INSERT ON uec.revocations FOR EACH ROW EXECUTE FUNCTION uec.hide()',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Guards of the processes, undone by their settings. */
export const nodePlants = {
  'LISTEN without the poll': { POLL_MS: '86400000' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>
