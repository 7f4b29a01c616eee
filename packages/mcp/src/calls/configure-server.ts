/**
 * Handlers that a program registers with the SDK itself: counted with the calls of their user, and held to the liveness
 * of the identity, as those that are registered here.
 */
import { assertLive, type UserExecutionContext } from 'user-execution-context'
import type { SdkRequest } from '../requests/auth-info.ts'
import type { UserLoad } from './user-load.ts'

/** What both majors of the SDK have. All of them take the handler last. */
type Configurable = { readonly server: { setRequestHandler: Register; fallbackRequestHandler?: Handler | undefined } }
type Register = (...parts: never[]) => unknown
type Handler = (...given: never[]) => unknown
type Parts = {
  readonly load: UserLoad
  readonly contextOf: (sdk: SdkRequest) => UserExecutionContext
  /** What a client is told of a failure. */
  readonly told: <Result>(result: Promise<Result>) => Promise<Result>
}

/** Of both majors, `tool`, `prompt` and `resource` of SDK 1 alone. */
const names = ['registerTool', 'registerPrompt', 'registerResource', 'tool', 'prompt', 'resource']

/** Lets a program register, now and later. What was bound before stays as it was. */
export const configureServer = <Server extends Configurable>(
  server: Server,
  configure: ((server: Server) => void) | undefined,
  { load, contextOf, told }: Parts,
): void => {
  if (configure === undefined) return
  const run = async (handler: Handler, given: readonly unknown[]): Promise<unknown> => {
    const context = contextOf(given.at(-1) as SdkRequest)
    assertLive(context)
    const release = load.hold(context, 'concurrentCalls')
    try {
      const result = await handler(...(given as never[]))
      assertLive(context)
      return result
    } finally {
      release()
    }
  }
  const count = <Value>(handler: Value): Value =>
    typeof handler === 'function'
      ? (((...given: readonly unknown[]) => told(run(handler as unknown as Handler, given))) as Value)
      : handler
  const countLast = (parts: readonly unknown[]): never[] => [...parts.slice(0, -1), count(parts.at(-1))] as never[]

  let isOfSdk = false
  const registrations = server as unknown as Record<string, Register | undefined>
  for (const name of names) {
    const register = registrations[name]?.bind(server) as Register | undefined
    if (register === undefined) continue
    registrations[name] = (...parts) => {
      // The SDK sets its own handler of `tools/call` with the first tool: a call would count twice.
      isOfSdk = true
      try {
        return register(...countLast(parts))
      } finally {
        isOfSdk = false
      }
    }
  }
  const sdkServer = server.server
  const setHandler = sdkServer.setRequestHandler.bind(sdkServer) as Register
  const isCounted = (method: unknown): boolean => !isOfSdk && method !== 'server/discover'
  sdkServer.setRequestHandler = (...parts) => setHandler(...(isCounted(parts[0]) ? countLast(parts) : parts))
  configure(server)
  sdkServer.fallbackRequestHandler = count(sdkServer.fallbackRequestHandler)
}
