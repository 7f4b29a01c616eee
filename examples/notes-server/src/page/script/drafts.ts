/**
 * What somebody has begun to write in each thread. It stays when they look at another one, and over a reload; it goes
 * when they sign out, and when their session ends. A tab is left without a sign-out, too: what is stored names its
 * user, and is shown to no other.
 */
import { byId } from './elements.ts'
import { isRecord } from './wire.ts'

const storageKey = 'drafts'

/** The drafts of one user, in this tab. */
export class Drafts {
  readonly #message = byId('message', HTMLTextAreaElement)
  readonly #userName: string
  readonly #drafts: Map<string, string>
  #threadId = ''

  constructor(userName: string) {
    this.#userName = userName
    this.#drafts = restore(userName)
    this.#message.oninput = () => this.#keep(this.#message.value)
  }

  /** Nobody is signed in: what the last user of this tab began to write goes. */
  static forget(): void {
    sessionStorage.removeItem(storageKey)
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
    Drafts.forget()
  }

  #keep(text: string): void {
    if (text === '') this.#drafts.delete(this.#threadId)
    else this.#drafts.set(this.#threadId, text)
    sessionStorage.setItem(
      storageKey,
      JSON.stringify({ userName: this.#userName, drafts: Object.fromEntries(this.#drafts) }),
    )
  }
}

function restore(userName: string): Map<string, string> {
  const stored = readStored()
  if (isRecord(stored) && stored['userName'] === userName && isRecord(stored['drafts'])) {
    const entries = Object.entries(stored['drafts'])
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  }
  Drafts.forget()
  return new Map()
}

function readStored(): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? 'null')
  } catch {
    return undefined
  }
}
