// A cron job: no request and no token, so the code vouches for the users, and says why.
import { createForUser, runInScope } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

const subscribers = ['ada', 'bob']

for (const userId of subscribers) {
  const context = createForUser(vouchForUser(userId, { reason: 'nightly report' }), {
    auditMetadata: { job: 'nightly-report' },
  })
  await runInScope(context, { timeoutMs: 60_000 }, async (scope) => {
    scope.defer(() => console.log('closed what the report of', scope.context.userId, 'had open'))
    console.log('report for', scope.context.userId, 'because of:', scope.context.identity.reason)
  })
}
