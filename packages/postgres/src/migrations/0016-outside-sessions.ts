/**
 * Version 16: a statement of a user session sees no sign-outs, no texts that open once and no trails, and is fed what
 * is its user's alone. It could end the sign-outs of others, let a text open twice, and read the runs of any user that
 * it named.
 */
import { feedSql } from './functions/feed.ts'
import type { Migration } from './migration.ts'

// As for the rows of sign-in: the library looks at them without a user.
const noUser = '(SELECT uec.owner()) IS NULL'

export const outsideSessions: Migration = {
  name: 'outside-sessions',
  sql: `
ALTER POLICY every_opener ON uec.opened_texts USING (${noUser}) WITH CHECK (${noUser});
ALTER POLICY every_node ON uec.revocations USING (${noUser}) WITH CHECK (${noUser});
ALTER POLICY everybody_adds ON uec.audit_records WITH CHECK (${noUser});
ALTER POLICY everybody_goes_on ON uec.audit_records USING (${noUser});
${
  // A database that is new has the function from version 2 on.
  feedSql.replaceAll('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION')
}`,
}
