/**
 * The user's threads, beside the conversation (on a phone: in front of it).
 */
import { Drawer } from './drawer.ts'
import { byId, copyTemplate, part } from './elements.ts'
import { toTimeText } from './time-text.ts'
import { isRecord } from './wire.ts'

/** A thread as the server lists it. */
export type Thread = {
  readonly threadId: string
  readonly title: string
  /** When its first run that is still held was started: ISO 8601, or empty. */
  readonly startedAt: string
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
          startedAt: typeof known[0]?.['createdAt'] === 'string' ? known[0]['createdAt'] : '',
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
  readonly #drawer = new Drawer({
    element: this.#nav,
    toggle: byId('threads-button', HTMLButtonElement),
    // Its button is there on a phone only.
    liesOver: () => true,
    findFirst: () => this.#nav.querySelector('button'),
  })
  /** The user chose a thread; undefined: a new one. */
  onChoose: (threadId: string | undefined) => void = () => {}

  constructor() {
    byId('new-thread-button', HTMLButtonElement).onclick = () => this.#choose(undefined)
  }

  /** The user leaves: nothing stays open for the next one. */
  close(): void {
    this.#drawer.close()
  }

  /** Shows the threads, with the current one marked. The focus stays on the thread it was on. */
  render(threads: readonly Thread[], currentId: string): void {
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['threadId'] : undefined
    const times = toTimeTexts(threads)
    this.#list.replaceChildren(
      ...threads.map((thread, index) => this.#toItem(thread, times[index] ?? '', thread.threadId === currentId)),
    )
    if (focused !== undefined)
      [...this.#list.querySelectorAll('button')].find((button) => button.dataset['threadId'] === focused)?.focus()
  }

  #toItem({ threadId, title, startedAt, active }: Thread, timeText: string, isCurrent: boolean): HTMLElement {
    const item = copyTemplate('thread-template')
    const button = part(item, 'thread-button')
    button.dataset['threadId'] = threadId
    part(item, 'thread-name').textContent = title === '' ? 'Untitled thread' : title
    const time = part(item, 'thread-time')
    time.textContent = timeText
    time.setAttribute('datetime', startedAt)
    part(item, 'thread-state').textContent = active ? 'running' : ''
    if (isCurrent) button.setAttribute('aria-current', 'true')
    button.onclick = () => this.#choose(threadId)
    return item
  }

  #choose(threadId: string | undefined): void {
    this.#drawer.hide()
    this.onChoose(threadId)
  }
}

/** The times that tell threads apart: to the minute, and to the second where title and minute are the same. */
function toTimeTexts(threads: readonly Thread[]): readonly string[] {
  const names = threads.map(({ title, startedAt }) => `${toTimeText(startedAt, 'minutes')} ${title}`)
  return threads.map(({ startedAt }, index) => {
    const isAlone = names.indexOf(names[index]!) === names.lastIndexOf(names[index]!)
    return toTimeText(startedAt, isAlone ? 'minutes' : 'seconds')
  })
}
