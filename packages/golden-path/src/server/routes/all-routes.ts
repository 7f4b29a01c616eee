/**
 * Every route of a server, in the order in which they are looked for.
 */
import type { Route } from '../route.ts'
import { agUiRoutes } from './ag-ui-routes.ts'
import { toChatRoutes } from './chat-routes.ts'
import { healthRoutes } from './health-routes.ts'
import { sessionRoutes, toLoginRoutes, type OwnLogin } from './login-routes.ts'
import { runRoutes } from './run-routes.ts'
import { threadRoutes } from './thread-routes.ts'

/** The routes below a prefix. Without `login` those that sign in own users are left out. */
export const toRoutes = (login: OwnLogin | undefined, prefix: string): readonly Route[] => [
  ...(login === undefined ? [] : toLoginRoutes(login)),
  ...sessionRoutes,
  ...runRoutes,
  ...threadRoutes,
  ...agUiRoutes,
  ...toChatRoutes(prefix),
  ...healthRoutes,
]
