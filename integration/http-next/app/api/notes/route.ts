import { addNote } from '../../notes'
import { users } from '../../users'

export const POST = users.route(async (request, { context }) => {
  const { text } = await request.json()
  return Response.json({ user: context.userId, notes: addNote(context, String(text)) })
})
