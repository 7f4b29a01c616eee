/**
 * The streams of `subscriptions/listen`: each gets the events of its user, and ends with the identity.
 */
import {
  createMcpHandler,
  type McpServerFactory,
  type ServerEvent,
  type ServerEventBus,
  type ServerNotifier,
} from '@modelcontextprotocol/server'
import { isContextError, toOwnerKey, watchIdentity, type UserExecutionContext } from 'user-execution-context'
import type { CallParts } from '../calls/run-call.ts'
import type { Admitted } from '../requests/gate.ts'
import { refuseRequest } from '../requests/refusals.ts'

type Listener = (event: ServerEvent) => void

/** The open streams of a server. */
export type Streams = {
  readonly listen: (admitted: Admitted) => Promise<Response>
  /** Events for one user alone: nobody else learns that something of theirs has changed. */
  readonly notify: (context: UserExecutionContext) => ServerNotifier
  /** Events for all. */
  readonly notifyAll: ServerNotifier
  readonly close: () => Promise<void>
}

/** Whether a body requests a stream. */
export const isListening = (body: unknown): boolean =>
  (body as { readonly method?: unknown } | null | undefined)?.method === 'subscriptions/listen'

/** Makes the registry of streams. */
export const newStreams = (factory: McpServerFactory, { settings, load }: CallParts): Streams => {
  const listeners = new Map<string, Set<Listener>>()
  const open = new Set<() => Promise<void>>()
  let isClosed = false

  const publish = (found: Iterable<Listener>, event: ServerEvent): void => {
    for (const listener of found) {
      try {
        listener(event)
      } catch (error) {
        settings.report(error)
      }
    }
  }

  const listen = async ({ request, authInfo, context, body }: Admitted): Promise<Response> => {
    let release: () => void
    try {
      release = load.hold(context, 'subscriptions')
    } catch (error) {
      settings.report(error)
      if (!isContextError(error)) throw error
      return refuseRequest(429, -32_000, 'Too many open streams. Close one.', { headers: { 'retry-after': '60' } })
    }
    const ownerKey = toOwnerKey(context)
    let stop = release
    // A handler of its own for each stream, so that the end of an identity closes this one.
    const bus: ServerEventBus = {
      publish: () => undefined,
      subscribe: (listener) => {
        const ofOwner = listeners.get(ownerKey) ?? new Set()
        listeners.set(ownerKey, ofOwner.add(listener))
        // Not at once: an identity that has ended already calls back before the SDK knows of the stream.
        const stopWatching = watchIdentity(context, () => queueMicrotask(() => void handler.close()))
        open.add(handler.close)
        stop = () => {
          ofOwner.delete(listener)
          if (ofOwner.size === 0 && listeners.get(ownerKey) === ofOwner) listeners.delete(ownerKey)
          stopWatching()
          open.delete(handler.close)
          release()
        }
        // It was admitted before close(), which has not seen it.
        if (isClosed) queueMicrotask(() => void handler.close())
        return () => stop()
      },
    }
    const handler = createMcpHandler(factory, { bus, onerror: settings.report })
    try {
      const response = await handler.fetch(request, { authInfo, parsedBody: body })
      // Refused, or nothing was asked for: there is no stream.
      if (stop === release) release()
      return response
    } catch (error) {
      stop()
      throw error
    }
  }

  const toNotifier = (publishOne: (event: ServerEvent) => void): ServerNotifier =>
    Object.freeze({
      toolsChanged: () => publishOne({ kind: 'tools_list_changed' }),
      promptsChanged: () => publishOne({ kind: 'prompts_list_changed' }),
      resourcesChanged: () => publishOne({ kind: 'resources_list_changed' }),
      resourceUpdated: (uri: string) => publishOne({ kind: 'resource_updated', uri }),
    })
  const ofAll = (): readonly Listener[] => Array.from(listeners.values()).flatMap((ofOwner) => [...ofOwner])

  return Object.freeze({
    listen,
    notify: (context: UserExecutionContext) => {
      const ownerKey = toOwnerKey(context)
      return toNotifier((event) => publish([...(listeners.get(ownerKey) ?? [])], event))
    },
    notifyAll: toNotifier((event) => publish(ofAll(), event)),
    close: async () => {
      isClosed = true
      await Promise.all(Array.from(open, (close) => close()))
    },
  })
}
