/**
 * Handlers that a program registers with the SDK itself: counted with the calls of their user, and held to the liveness
 * of the identity, as those that are registered here.
 */
import { assertLive, type UserExecutionContext } from 'user-execution-context'
import type { SdkRequest } from '../requests/auth-info.ts'
import type { UserLoad } from './user-load.ts'

/** What both majors of the SDK have. All of them take the handler last. */
type Configurable = {
  readonly server: { setRequestHandler: Register; fallbackRequestHandler?: Handler | undefined }
  /** Of SDK 1. */
  readonly experimental?: { readonly tasks: { registerToolTask: Register } }
}
type Register = (...parts: never[]) => unknown
type Handler = (...given: never[]) => unknown
type Counted = {
  readonly load: UserLoad
  readonly contextOf: (sdk: SdkRequest) => UserExecutionContext
  /** What a client is told of a failure. */
  readonly told: <Result>(result: Promise<Result>) => Promise<Result>
}

type Parts = {
  readonly count: Count
  /**
   * Gets the names of tools that make tasks. A call of one may wait for the end of its task after createTask() has
   * answered: all of it is counted.
   */
  readonly taskTools?: Set<string>
}
/** Wraps a handler, which the SDK gives the request last. What is no function stays. */
export type Count = <Value>(handler: Value) => Value

const counted = new WeakSet<object>()

/** Whether a handler is counted already: a call that counted twice would take two places. */
export const isCounted = (handler: unknown): boolean => typeof handler === 'function' && counted.has(handler)

/** Makes what wraps handlers, so that each call takes a place of its user and answers nobody who was signed out. */
export const newCount = ({ load, contextOf, told }: Counted): Count => {
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
  return <Value>(handler: Value): Value => {
    if (typeof handler !== 'function') return handler
    const wrapped = (...given: readonly unknown[]) => told(run(handler as unknown as Handler, given))
    counted.add(wrapped)
    return wrapped as Value
  }
}

/** Whether a request for suggestions is for a template that is registered here, whose callbacks count by themselves. */
export const isOfTemplate = (params: unknown, templates: readonly { readonly uriTemplate: string }[]): boolean => {
  const { ref } = (params ?? {}) as { readonly ref?: { readonly type?: unknown; readonly uri?: unknown } }
  return ref?.type === 'ref/resource' && templates.some(({ uriTemplate }) => uriTemplate === ref.uri)
}

/** Of both majors, `tool`, `prompt` and `resource` of SDK 1 alone. */
const names = ['registerTool', 'registerPrompt', 'registerResource', 'tool', 'prompt', 'resource']

/** Lets a program register, now and later. What was bound before stays as it was. */
export const configureServer = <Server extends Configurable>(
  server: Server,
  configure: ((server: Server) => void) | undefined,
  { count, taskTools }: Parts,
): void => {
  if (configure === undefined) return
  const countLast = (parts: readonly unknown[]): never[] => [...parts.slice(0, -1), count(parts.at(-1))] as never[]

  let isOfSdk = false
  const registrations = server as unknown as Record<string, Register | undefined>
  // The SDK sets its own handler of `tools/call` with the first tool: a call would count twice.
  const bySdk = <Made>(register: () => Made): Made => {
    isOfSdk = true
    try {
      return register()
    } finally {
      isOfSdk = false
    }
  }
  for (const name of names) {
    const register = registrations[name]?.bind(server) as Register | undefined
    if (register === undefined) continue
    registrations[name] = (...parts) => {
      const made = bySdk(() => register(...countLast(parts.map((part) => countList(part, count) as never))))
      return countUpdates(made, count)
    }
  }
  const tasks = server.experimental?.tasks
  if (tasks !== undefined) {
    const register = tasks.registerToolTask.bind(tasks)
    tasks.registerToolTask = (...parts) =>
      noteNames(
        bySdk(() => register(...parts)),
        parts[0]!,
        taskTools,
      )
  }
  const sdkServer = server.server
  const setHandler = sdkServer.setRequestHandler.bind(sdkServer) as Register
  const isOfProgram = (method: unknown): boolean => !isOfSdk && method !== 'server/discover'
  sdkServer.setRequestHandler = (...parts) => setHandler(...(isOfProgram(parts[0]) ? countLast(parts) : parts))
  configure(server)
  sdkServer.fallbackRequestHandler = count(sdkServer.fallbackRequestHandler)
}

type Template = { readonly listCallback: unknown; readonly completeCallback: unknown }

/** A template whose list is counted, as another object: one may be registered with the servers of many users. */
function countList(part: unknown, count: Count): unknown {
  if (typeof part !== 'object' || part === null || !('completeCallback' in part)) return part
  const { listCallback } = part as Template
  return Object.create(part, { listCallback: { value: count(listCallback) } })
}

type Made = { update?: (changes: Readonly<Record<string, unknown>>) => unknown }

/** Calls of a tool are told by its name, which may be another one later, or none. */
function noteNames(made: unknown, first: string, taskTools: Set<string> | undefined): unknown {
  let current: unknown = first
  taskTools?.add(first)
  const { update } = (made ?? {}) as Made
  if (update === undefined) return made
  ;(made as Made).update = (changes) => {
    const result = update(changes)
    const { name } = changes
    if (name === undefined) return result
    taskTools?.delete(current as string)
    if (typeof name === 'string') taskTools?.add(name)
    current = name
    return result
  }
  return made
}

/** What is registered may get another handler later. */
function countUpdates(made: unknown, count: Count): unknown {
  const { update } = (made ?? {}) as Made
  if (update === undefined) return made
  ;(made as Made).update = ({ callback, template, ...changes }) =>
    update({
      ...changes,
      ...(callback !== undefined && { callback: count(callback) }),
      ...(template !== undefined && { template: countList(template, count) }),
    })
  return made
}
