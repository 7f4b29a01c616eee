import type PgBoss from 'pg-boss'
import { createForUser, runInScope, type LiveSessions, type Scope } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

type Subscriber = { readonly userId: string; readonly permissions: readonly string[] }
type Parts = {
  /** Asks your user store, each night: who is subscribed, and what they may do today. */
  readonly subscribers: () => Promise<readonly Subscriber[]>
  readonly sessions: LiveSessions
  readonly report: (scope: Scope) => Promise<void>
  /** One report that fails stops no other. */
  readonly onError: (error: unknown) => void
}

const queue = 'nightly-reports'

/** Each night, once for each subscriber. Nobody is there to sign in, so the code vouches, and says why. */
export const scheduleReports = async (boss: PgBoss, { subscribers, sessions, report, onError }: Parts) => {
  await boss.createQueue(queue)
  // What the job holds is not read: whoever can write to the queue can start a night, and not choose a user.
  await boss.work(queue, { pollingIntervalSeconds: 0.5 }, async () => {
    for (const { userId, permissions } of await subscribers()) {
      const vouching = { reason: 'nightly report', namespace: 'tokens', permissions, sessions } as const
      const context = createForUser(vouchForUser(userId, vouching), { auditMetadata: { job: queue } })
      await runInScope(context, { timeoutMs: 60_000 }, report).catch(onError)
    }
  })
  await boss.schedule(queue, '0 3 * * *')
}
