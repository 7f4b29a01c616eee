/**
 * The runs of the thread on show.
 */
import { announce, byId } from './elements.ts'
import { RunView } from './run-view.ts'
import type { RunContext } from './run-context.ts'
import { isTerminal, type RunLog } from './run-log.ts'
import { isContextEvent, type ControlMessage, type RunMessage } from './wire.ts'

/** Shows the runs of one thread at a time. */
export class Conversation {
  readonly #list = byId('runs', HTMLElement)
  readonly #scroller = byId('conversation', HTMLElement)
  readonly #empty = byId('empty', HTMLElement)
  readonly #log: RunLog
  readonly #runContext: RunContext
  readonly #views = new Map<string, RunView>()
  #threadId = ''
  /** Whether what comes in is scrolled to: until the reader scrolls up, and again from the end on. */
  #follows = true
  #top = 0
  #frame: number | undefined
  /** Told which run the user wants to stop. */
  onStop: (runId: string) => void = () => {}

  constructor(log: RunLog, runContext: RunContext) {
    this.#log = log
    this.#runContext = runContext
    this.#scroller.onscroll = () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#scroller
      if (scrollTop < this.#top) this.#follows = false
      if (scrollHeight - scrollTop - clientHeight < 80) this.#follows = true
      this.#top = scrollTop
    }
  }

  get threadId(): string {
    return this.#threadId
  }

  /** Shows a thread with what is known of its runs. */
  show(threadId: string): void {
    this.#threadId = threadId
    this.#views.clear()
    this.#runContext.clear()
    this.#list.replaceChildren()
    this.#empty.hidden = false
    for (const runId of this.#log.runsOf(threadId)) {
      const view = this.add(runId, '')
      for (const event of this.#log.events(runId)) this.#applyTo(view, event)
      if (!this.#log.isOpen(runId) && !this.#log.events(runId).some(isTerminal))
        view.fail('This run is no longer kept.')
    }
    this.#follows = true
    this.#scroller.scrollTop = this.#scroller.scrollHeight
  }

  /** Adds a run by its id, or by the id of the request for it as long as it has none. */
  add(id: string, prompt: string): RunView {
    const known = this.#views.get(id)
    if (known !== undefined) return known
    const view = new RunView(prompt)
    this.#views.set(id, view)
    this.#allowStop(id, view)
    this.#empty.hidden = true
    this.#list.append(view.element)
    this.#scroller.scrollTop = this.#scroller.scrollHeight
    return view
  }

  /** Gives a run that was asked for the id that the server made. */
  rename(requestId: string, runId: string): void {
    const view = this.#views.get(requestId)
    if (view === undefined) return
    this.#views.delete(requestId)
    if (this.#views.has(runId)) return view.element.remove()
    this.#views.set(runId, view)
    this.#allowStop(runId, view)
  }

  find(id: string): RunView | undefined {
    return this.#views.get(id)
  }

  /** Takes what the server says of events that cannot be had, and shows the run as it is known then. */
  takeGap(runId: string, { fromSequence, toSequence, reason }: ControlMessage): void {
    if (reason === 'lost' && typeof fromSequence === 'number') {
      this.#log.forgetFrom(runId, fromSequence)
      this.#redraw(runId)
    } else if (typeof toSequence === 'number') {
      this.#log.skipTo(runId, toSequence)
      this.find(runId)?.showGap()
    }
  }

  #redraw(runId: string): void {
    const before = this.#views.get(runId)
    if (before === undefined) return
    const view = new RunView('')
    this.#views.set(runId, view)
    this.#allowStop(runId, view)
    before.element.replaceWith(view.element)
    for (const event of this.#log.events(runId)) this.#applyTo(view, event)
  }

  /** Shows the next event of a run of this thread. */
  apply(message: RunMessage): void {
    const view = this.add(message.runId, '')
    this.#applyTo(view, message)
    this.#followEnd()
    if (isTerminal(message)) announce(view.ending.slice(0, 2_000))
  }

  #applyTo(view: RunView, event: RunMessage): void {
    if (isContextEvent(event)) this.#runContext.take(event)
    else view.apply(event)
  }

  // A run that was asked for has no id yet, and nothing that could be stopped.
  #allowStop(id: string, view: RunView): void {
    if (this.#log.isOpen(id)) view.allowStop(() => this.onStop(id))
  }

  // Once per frame: each look at a height lays the whole thread out again.
  #followEnd(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      if (this.#follows) this.#scroller.scrollTop = this.#scroller.scrollHeight
    })
  }
}
