/**
 * What a server of SDK 1 shows: what the token of each request allows. A session lives longer than one token, and two
 * tokens of one user, with other scopes, may be on their way at once.
 */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { CompleteRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { assertUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
import type { Guarded } from '../calls/run-call.ts'
import type { SdkExtra } from './registrations.ts'

/** What is registered, and how: what is removed is answered as what there never was. SDK 1 says which is disabled. */
type Entrance = { readonly entry: Guarded; readonly register: () => Removable; shown: Removable | undefined }
type Removable = { readonly remove: () => void }

/** The registrations of one server. */
export type Entrances = {
  /** Registers something. All is, once, before the server is connected: it cannot name a capability later. */
  readonly add: (entry: Guarded, register: () => Removable) => void
  /** Shows what a user may see, and nothing else. */
  readonly show: (context: UserExecutionContext) => void
  /** Whose completion the SDK requests: it says nothing of the request. @throws {ContextError} Outside of one. */
  readonly completingFor: () => UserExecutionContext
}

/** Makes them, before anything is registered: handlers of the SDK that were set before show what was shown last. */
export const newEntrances = (server: McpServer, contextOf: (sdk: SdkExtra) => UserExecutionContext): Entrances => {
  const entrances: Entrance[] = []
  let completing: UserExecutionContext | undefined

  let shownFor: readonly string[] | undefined
  const show = ({ permissions }: UserExecutionContext): void => {
    // The same rights as before, which most requests have, show the same.
    if (shownFor?.length === permissions.length && permissions.every((name, at) => name === shownFor![at])) return
    shownFor = permissions
    for (const entrance of entrances) {
      if (entrance.entry.permissions.every((permission) => permissions.includes(permission))) {
        entrance.shown ??= entrance.register()
        continue
      }
      entrance.shown?.remove()
      entrance.shown = undefined
    }
  }
  const sdkServer = server.server
  const setHandler = sdkServer.setRequestHandler.bind(sdkServer) as SetHandler
  const setShowing: SetHandler = (schema, handler) =>
    setHandler(schema, (request, sdk) => {
      const context = contextOf(sdk)
      // The SDK reads its registrations before it waits for anything: no other request comes between.
      show(context)
      if (schema !== CompleteRequestSchema) return handler(request, sdk)
      // It also calls a completion before it waits. A store that follows each await makes all of them more expensive.
      completing = context
      try {
        return handler(request, sdk)
      } finally {
        completing = undefined
      }
    })
  sdkServer.setRequestHandler = setShowing as typeof sdkServer.setRequestHandler

  return Object.freeze({
    add: (entry: Guarded, register: () => Removable) => void entrances.push({ entry, register, shown: register() }),
    show,
    completingFor: () => {
      assertUserExecutionContext(completing)
      return completing
    },
  })
}

type SetHandler = (schema: unknown, handler: (request: unknown, sdk: SdkExtra) => unknown) => void
