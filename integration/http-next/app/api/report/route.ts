import { setTimeout as pause } from 'node:timers/promises'
import { sessions, tokens, users } from '../../users'

const reports = new Set<string>()

export const GET = users.route(async (request, scope) => {
  reports.add(scope.context.requestId)
  scope.defer(() => reports.delete(scope.context.requestId))
  if (new URL(request.url).searchParams.has('stream'))
    return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(8)) }))
  await pause(60_000, undefined, { signal: scope.signal })
  return Response.json({ user: scope.context.userId })
})

/** How many reports are being written. `?user=carol&ms=5000` signs somebody in for a time, and `?end=carol` out. */
export const POST = async (request: Request) => {
  const asked = new URL(request.url).searchParams
  const [userId, end] = [asked.get('user'), asked.get('end')]
  if (userId !== null) {
    const expiresAtMs = Date.now() + Number(asked.get('ms'))
    tokens.set(`token-of-${userId}`, { userId, sessionId: `s-${userId}`, expiresAtMs })
  }
  if (end !== null) await sessions.revoke({ user: { namespace: 'tokens', userId: end } })
  return Response.json({ reports: reports.size })
}
