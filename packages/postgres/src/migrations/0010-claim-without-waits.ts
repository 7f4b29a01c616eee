/**
 * Version 10: a claim waits for no row. It renewed the leases of its worker one after the other while the ends of runs
 * took their jobs away in another order: the two waited for each other until the server ended one, a second later.
 */
import { claimSql } from './functions/claim.ts'
import { expireSql } from './functions/expire.ts'
import type { Migration } from './migration.ts'

export const claimWithoutWaits: Migration = {
  name: 'claim-without-waits',
  // A database that is new has them from version 2 on.
  sql: (claimSql + expireSql).replaceAll('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'),
}
