import { toLogFields } from 'user-execution-context'
import { users } from '../../users'

/** Whether the core of this bundle takes the context that a page made in another. */
export const GET = users.route(() => {
  const shared = globalThis as { rendered?: never }
  try {
    return Response.json({ taken: toLogFields(shared.rendered!).runId !== undefined })
  } catch (error) {
    return Response.json({ taken: false, says: String(error) })
  }
})
