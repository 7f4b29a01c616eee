/**
 * What somebody has begun to write in each thread. It stays when they look at another one, and over a reload; it goes
 * when they sign out.
 */
import { byId } from './elements.ts'
import { isRecord } from './wire.ts'

const storageKey = 'drafts'

/** The drafts of one user, in this tab. */
export class Drafts {
  readonly #message = byId('message', HTMLTextAreaElement)
  readonly #drafts = restore()
  #threadId = ''

  constructor() {
    this.#message.oninput = () => this.#keep(this.#message.value)
  }

  /** Shows the draft of a thread. */
  show(threadId: string): void {
    this.#threadId = threadId
    this.#message.value = this.#drafts.get(threadId) ?? ''
  }

  /** The draft on show was sent. */
  clear(): void {
    this.#message.value = ''
    this.#keep('')
  }

  /** The user leaves: nothing of theirs stays for the next one. */
  close(): void {
    this.#message.oninput = null
    this.#message.value = ''
    sessionStorage.removeItem(storageKey)
  }

  #keep(text: string): void {
    if (text === '') this.#drafts.delete(this.#threadId)
    else this.#drafts.set(this.#threadId, text)
    sessionStorage.setItem(storageKey, JSON.stringify(Object.fromEntries(this.#drafts)))
  }
}

function restore(): Map<string, string> {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? '{}')
    const entries = isRecord(stored) ? Object.entries(stored) : []
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return new Map()
  }
}
