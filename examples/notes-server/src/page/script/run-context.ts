/**
 * The context of the newest run on show, in words. It is the server's: nothing in it comes from this page.
 */
import { byId } from './elements.ts'
import { toTimeText } from './time-text.ts'
import { isRecord, type RunMessage } from './wire.ts'

/** Shows what the server says of the context of a run. */
export class RunContext {
  readonly #fields = byId('context-fields', HTMLElement)
  readonly #empty = byId('context-empty', HTMLElement)
  #createdAt = ''
  #runId: string | undefined

  /** The newest run whose context is known, or undefined. It stays when another thread is shown. */
  get runId(): string | undefined {
    return this.#runId
  }

  /** Shows the context that an event carries, unless that of a newer run is on show. */
  take({ type, data, runId }: RunMessage): void {
    const { output } = data
    if (type !== 'tool_completed' || !isRecord(output)) return
    const createdAt = toText(output['createdAt'])
    // After a reload the runs of a thread come in any order.
    if (createdAt < this.#createdAt) return
    this.#createdAt = createdAt
    this.#runId = runId
    const rows = toRows(output)
    for (const [id, text] of Object.entries(rows)) byId(id, HTMLElement).textContent = text
    byId('context-all', HTMLElement).textContent = JSON.stringify(output, null, 2)
    this.#setShown(true)
  }

  /** Shows none: another thread is on show, or nobody is. */
  clear(): void {
    this.#createdAt = ''
    for (const id of [...Object.keys(toRows({})), 'context-all']) byId(id, HTMLElement).textContent = ''
    this.#setShown(false)
  }

  #setShown(shown: boolean): void {
    this.#fields.hidden = !shown
    this.#empty.hidden = shown
  }
}

function toRows(output: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const { identityKind, actors, permissions, expiresAt } = output
  const rights = Array.isArray(permissions) ? permissions.map(String).join(', ') : ''
  return {
    'context-verified': toVerified(output),
    'context-acts': toText(actors) || `The user (a ${toText(identityKind)})`,
    'context-rights': rights || 'None named by the sign-in',
    'context-ends': toTimeText(toText(expiresAt), 'seconds') || 'Never by itself',
  }
}

// A run that waited in a queue: who verified the user at the sign-in, then what the process that runs it has checked.
function toVerified({ originProvider, identityProvider, identityReason }: Readonly<Record<string, unknown>>): string {
  const [origin, provider, reason] = [originProvider, identityProvider, identityReason].map(toText)
  const here = reason ? `${provider}: ${reason}` : provider!
  return origin ? `${origin}; the run then waited in a queue (${here})` : here
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
