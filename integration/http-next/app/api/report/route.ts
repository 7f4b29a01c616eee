import { setTimeout as pause } from 'node:timers/promises'
import { sessions, tokens, users } from '../../users'

const reports = new Set<string>()

export const GET = users.route(async (_request, scope) => {
  reports.add(scope.context.requestId)
  scope.defer(() => reports.delete(scope.context.requestId))
  await pause(60_000, undefined, { signal: scope.signal })
  return Response.json({ user: scope.context.userId })
})

/** How many reports are being written. Carol is made first, and signed out with `?end`. */
export const POST = async (request: Request) => {
  tokens.set('token-of-carol', { userId: 'carol', sessionId: 's-3' })
  if (new URL(request.url).searchParams.has('end'))
    await sessions.revoke({ user: { namespace: 'tokens', userId: 'carol' } })
  return Response.json({ reports: reports.size })
}
