/**
 * The versions of the schema, in order. A version that was released is never changed: what follows it is a new one.
 */
import { foundation } from './0001-foundation.ts'
import { runs } from './0002-runs.ts'
import { stores } from './0003-stores.ts'
import { handles } from './0004-handles.ts'
import { audit } from './0005-audit.ts'
import { signIn } from './0006-sign-in.ts'
import { unqueuedRuns } from './0007-unqueued-runs.ts'
import { shards } from './0008-shards.ts'
import { sessions } from './0009-sessions.ts'
import { claimWithoutWaits } from './0010-claim-without-waits.ts'
import { filedRuns } from './0011-filed-runs.ts'
import { filedAt } from './0012-filed-at.ts'
import { endedRunIds } from './0013-ended-run-ids.ts'
import { clientChecks } from './0014-client-checks.ts'
import { cancelledLeases } from './0015-cancelled-leases.ts'
import { outsideSessions } from './0016-outside-sessions.ts'
import { unnamedSessions } from './0017-unnamed-sessions.ts'
import { revocationOrder } from './0018-revocation-order.ts'
import { leftSeeds } from './0019-left-seeds.ts'
import { refusedBeforeLocks } from './0020-refused-before-locks.ts'
import { appliedRevocations } from './0021-applied-revocations.ts'
import type { Migration } from './migration.ts'

/** Version 1 is the first. */
export const migrations: readonly Migration[] = [
  ...[foundation, runs, stores, handles, audit],
  ...[signIn, unqueuedRuns, shards, sessions, claimWithoutWaits],
  filedRuns,
  filedAt,
  endedRunIds,
  clientChecks,
  cancelledLeases,
  outsideSessions,
  unnamedSessions,
  revocationOrder,
  leftSeeds,
  refusedBeforeLocks,
  appliedRevocations,
]
