import { userContext } from '@user-execution-context/http/next'

// Next.js loads this file when it builds, too, and no check is there then.
const users = userContext((token) => globalThis.benchChecks.ours(token))

export const GET = users.route((_request, { context: { permissions } }) => Response.json({ permissions }))
