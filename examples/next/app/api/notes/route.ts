import { addNote } from '../../notes'
import { users } from '../../users'

export const POST = users.route(async (request, { context }) => {
  const { text } = (await request.json().catch(() => undefined)) ?? {}
  if (typeof text !== 'string') return Response.json({ message: 'Send JSON: { "text": "…" }' }, { status: 400 })
  return Response.json({ user: context.userId, notes: addNote(context, text) })
})
