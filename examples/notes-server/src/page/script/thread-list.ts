/**
 * The user's threads, beside the conversation (on a phone: in front of it).
 */
import { byId, copyTemplate, part } from './elements.ts'
import { isRecord } from './wire.ts'

/** A thread as the server lists it. */
export type Thread = {
  readonly threadId: string
  readonly title: string
  readonly runs: readonly string[]
  readonly active: boolean
}

/** Reads the answer of GET /threads, the newest thread first. What is malformed is left out. */
export const parseThreads = (answer: unknown): readonly Thread[] => {
  const list = isRecord(answer) && Array.isArray(answer['threads']) ? answer['threads'] : []
  return list
    .filter(isRecord)
    .reverse()
    .flatMap((thread) => {
      const { threadId, title, runs } = thread
      if (typeof threadId !== 'string' || !Array.isArray(runs)) return []
      const known = runs.filter(isRecord).filter(({ runId }) => typeof runId === 'string')
      return [
        {
          threadId,
          title: typeof title === 'string' ? title : '',
          runs: known.map(({ runId }) => String(runId)),
          active: known.some(({ state }) => state === 'running' || state === 'queued'),
        },
      ]
    })
}

/** Renders the list and tells which thread was chosen. */
export class ThreadList {
  readonly #nav = byId('threads', HTMLElement)
  readonly #list = byId('thread-list', HTMLElement)
  readonly #toggle = byId('threads-button', HTMLButtonElement)
  readonly #closing = new AbortController()
  /** The user chose a thread; undefined: a new one. */
  onChoose: (threadId: string | undefined) => void = () => {}

  constructor() {
    byId('new-thread-button', HTMLButtonElement).onclick = () => this.#choose(undefined)
    this.#toggle.onclick = () => this.#setOpen(!this.#isOpen)
    this.#nav.onkeydown = (event) => {
      if (event.key !== 'Escape' || !this.#isOpen) return
      this.#setOpen(false)
      this.#toggle.focus()
    }
    // On a phone the list lies over what is behind it: the focus must not go there while it is hidden.
    this.#nav.addEventListener(
      'focusout',
      ({ relatedTarget }) => {
        if (
          !this.#isOpen ||
          !(relatedTarget instanceof Node) ||
          relatedTarget === this.#toggle ||
          this.#nav.contains(relatedTarget)
        )
          return
        this.#setOpen(false)
      },
      { signal: this.#closing.signal },
    )
  }

  /** The user leaves: nothing stays open for the next one. */
  close(): void {
    this.#closing.abort()
    this.#setOpen(false)
  }

  /** Shows the threads, with the current one marked. The focus stays on the thread it was on. */
  render(threads: readonly Thread[], currentId: string): void {
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['threadId'] : undefined
    this.#list.replaceChildren(...threads.map((thread) => this.#toItem(thread, thread.threadId === currentId)))
    if (focused !== undefined)
      [...this.#list.querySelectorAll('button')].find((button) => button.dataset['threadId'] === focused)?.focus()
  }

  #toItem({ threadId, title, active }: Thread, isCurrent: boolean): HTMLElement {
    const item = copyTemplate('thread-template')
    const button = part(item, 'thread-button')
    button.dataset['threadId'] = threadId
    part(item, 'thread-name').textContent = title === '' ? 'Untitled thread' : title
    part(item, 'thread-state').textContent = active ? 'running' : ''
    if (isCurrent) button.setAttribute('aria-current', 'true')
    button.onclick = () => this.#choose(threadId)
    return item
  }

  #choose(threadId: string | undefined): void {
    this.#setOpen(false)
    this.onChoose(threadId)
  }

  get #isOpen(): boolean {
    return this.#nav.hasAttribute('data-open')
  }

  #setOpen(open: boolean): void {
    this.#nav.toggleAttribute('data-open', open)
    this.#toggle.setAttribute('aria-expanded', String(open))
    if (open) this.#nav.querySelector('button')?.focus()
  }
}
