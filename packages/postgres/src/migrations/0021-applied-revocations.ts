/**
 * Version 21: a revocation that another server sends, as logical replication does, is numbered by the transaction that
 * adds it here. With the number that it has there the nodes of this server took it for one that they had heard.
 * `ENABLE TRIGGER ALL`, as `pg_restore --disable-triggers` runs it, undoes this: whoever restores so runs it again.
 */
import type { Migration } from './migration.ts'

export const appliedRevocations: Migration = {
  name: 'applied-revocations',
  sql: 'ALTER TABLE uec.revocations ENABLE ALWAYS TRIGGER noting_the_writer',
}
