/**
 * What a server of SDK 1 shows: what the token of each request allows. A session lives longer than one token, and two
 * tokens of one user, with other scopes, may be on their way at once.
 */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { assertUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
import { isCounted, type Count } from '../calls/configure-server.ts'
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

type Parts = {
  readonly contextOf: (sdk: SdkExtra) => UserExecutionContext
  readonly count: Count
  /** Whether nothing else counts what a request runs: what the program registers, or gives, such as its tasks. */
  readonly isOfProgram: (request: SdkMessage) => boolean
}
/** A request, as the SDK hands it on. */
export type SdkMessage = { readonly method?: unknown; readonly params?: Readonly<Record<string, unknown>> }

/** Makes them, before anything is registered: handlers of the SDK that were set before show what was shown last. */
export const newEntrances = (server: McpServer, { contextOf, count, isOfProgram }: Parts): Entrances => {
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
  const toShowing = (handler: SdkHandler): SdkHandler => {
    const counted = isCounted(handler) ? handler : count(handler)
    return (request, sdk) => {
      const context = contextOf(sdk)
      // The SDK reads its registrations before it waits for anything: no other request comes between.
      show(context)
      // It also calls a completion before it waits. A store that follows each await makes all of them more expensive.
      completing = request.method === 'completion/complete' ? context : undefined
      try {
        return (isOfProgram(request) ? counted : handler)(request, sdk)
      } finally {
        completing = undefined
      }
    }
  }
  const setShowing: SetHandler = (schema, handler) => setHandler(schema, toShowing(handler))
  sdkServer.setRequestHandler = setShowing as typeof sdkServer.setRequestHandler
  // What the SDK has set in its constructor, with no way to set it anew: the tasks, whose results are waited for
  // without end, and the lists of capabilities that the options declare.
  const { _requestHandlers: ofSdk } = sdkServer as unknown as { readonly _requestHandlers: Map<string, SdkHandler> }
  for (const [method, handler] of ofSdk)
    if (/^(tasks|tools|prompts|resources)\//.test(method)) ofSdk.set(method, toShowing(handler))

  return Object.freeze({
    add: (entry: Guarded, register: () => Removable) => void entrances.push({ entry, register, shown: register() }),
    show,
    completingFor: () => {
      assertUserExecutionContext(completing)
      return completing
    },
  })
}

type SdkHandler = (request: SdkMessage, sdk: SdkExtra) => unknown
type SetHandler = (schema: unknown, handler: SdkHandler) => void
