/**
 * What a signed-in user works with: the socket, the runs that go over it, and what has to be repeated after a cut.
 */
import { Conversation } from './conversation.ts'
import { newId } from './new-id.ts'
import { Drafts } from './drafts.ts'
import { announce, byId } from './elements.ts'
import type { RunContext } from './run-context.ts'
import { RunLog } from './run-log.ts'
import { RunSocket, type ConnectionState } from './run-socket.ts'
import type { Session } from './session.ts'
import { findThreadInAddress, followAddress, pushThreadToAddress, setThreadInAddress } from './thread-address.ts'
import { parseThreads, ThreadList, type Thread } from './thread-list.ts'
import { isRunMessage, type ControlMessage, type RunMessage } from './wire.ts'

/**
 * A run that was asked for and has no id yet. `before`: the runs of its thread when it was sent, undefined until then.
 */
type Pending = { readonly threadId: string; readonly text: string; before: ReadonlySet<string> | undefined }

const connectionTexts: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting',
  open: 'Connected',
  waiting: 'Reconnecting',
  closed: 'Signed out',
}

/** Lives from sign-in to sign-out. */
export class Workspace {
  readonly #session: Session
  readonly #log = new RunLog()
  readonly #conversation: Conversation
  readonly #threadList = new ThreadList()
  readonly #drafts: Drafts
  readonly #pending = new Map<string, Pending>()
  readonly #accepted = new Set<string>()
  readonly #stops = new Set<string>()
  readonly #socket: RunSocket
  readonly #leaveAddress: () => void
  #threads: readonly Thread[] = []
  #state: ConnectionState = 'connecting'
  #isClosed = false
  #turn = 0
  #refresh: ReturnType<typeof setTimeout> | undefined

  constructor(session: Session, runContext: RunContext) {
    this.#session = session
    this.#drafts = new Drafts(session.userName)
    this.#conversation = new Conversation(this.#log, runContext)
    this.#conversation.onStop = (runId) => this.#stop(runId)
    this.#show(findThreadInAddress() ?? newId())
    this.#leaveAddress = followAddress((threadId) => {
      if (threadId === this.#conversation.threadId) return
      this.#show(threadId)
      this.#followShownThread()
    })
    this.#threadList.onChoose = (threadId) => this.#choose(threadId)
    this.#threadList.render([], this.#conversation.threadId)
    this.#socket = new RunSocket({
      token: () => session.token,
      onMessage: (message) => (isRunMessage(message) ? this.#onRun(message) : this.#onControl(message)),
      onState: (state) => this.#onState(state),
      onRefused: () => session.onEnded(),
      onTooLarge: () => this.#failSent('The message is too long.'),
    })
    session.onRenewed = (token) => void this.#socket.send({ type: 'renew_token', token })
  }

  /** Asks the agent, now or as soon as there is a connection. */
  ask(text: string): void {
    const requestId = newId()
    const { threadId } = this.#conversation
    this.#conversation.add(requestId, text)
    this.#pending.set(requestId, { threadId, text, before: undefined })
    this.#sendPending(requestId)
    this.#drafts.clear()
    announce(this.#socket.isOpen ? 'Message sent.' : 'Message waits for the connection.')
  }

  #stop(runId: string): void {
    this.#stops.add(runId)
    const wasSent = this.#socket.send({ type: 'cancel_run', runId })
    announce(wasSent ? 'Stopping.' : 'The run stops as soon as there is a connection.')
  }

  close(): void {
    this.#isClosed = true
    this.#socket.close()
    // With the token of a session that has ended, the request would tell a user who signed out that the session was
    // ended.
    clearTimeout(this.#refresh)
    this.#threads = []
    this.#threadList.close()
    this.#leaveAddress()
    this.#drafts.close()
    this.#conversation.show(newId())
    this.#renderThreads()
  }

  #onState(state: ConnectionState): void {
    const was = this.#state
    this.#state = state
    const badge = byId('connection', HTMLElement)
    badge.dataset['state'] = state
    byId('connection-text', HTMLElement).textContent = connectionTexts[state]
    // Once per outage, not at each attempt.
    if (state === 'waiting' && was !== 'waiting') announce('The connection was lost. Reconnecting.')
    if (state === 'open' && was === 'waiting') announce('Connected again.')
    if (state === 'open') void this.#catchUp()
    // The browser does not say why a connection was refused; an ordinary request does.
    if (state === 'waiting') void this.#refreshThreads()
  }

  /** After each connection: resumes what is open, and asks again for what was never heard of. */
  async #catchUp(): Promise<void> {
    for (const runId of this.#log.openRuns()) this.#resume(runId)
    for (const runId of this.#stops) this.#socket.send({ type: 'cancel_run', runId })
    const cutOff = [...this.#pending].filter(([, { before }]) => before !== undefined)
    for (const [requestId, { before }] of this.#pending) if (before === undefined) this.#sendPending(requestId)
    // A cut while the threads are asked for begins another turn, which asks again for the same.
    const turn = ++this.#turn
    const listed = await this.#refreshThreads()
    if (!listed || turn !== this.#turn) return
    for (const [requestId, { threadId, before }] of cutOff) {
      if (!this.#pending.has(requestId)) continue
      // A request that was cut off is sent again only if no run came of it.
      const runs = this.#threads.find((thread) => thread.threadId === threadId)?.runs ?? []
      const runId = runs.find((id) => !before?.has(id) && !this.#accepted.has(id))
      if (runId === undefined) this.#sendPending(requestId)
      else this.#accept(requestId, runId, threadId)
    }
    this.#followShownThread()
  }

  #sendPending(requestId: string): void {
    const pending = this.#pending.get(requestId)
    if (pending === undefined) return
    const { threadId, text } = pending
    const ids = { threadId, clientRequestId: requestId, idempotencyKey: requestId }
    if (this.#socket.send({ type: 'start_run', input: { text }, ...ids }))
      pending.before = new Set(this.#log.runsOf(threadId))
  }

  #resume(runId: string): void {
    this.#socket.send({ type: 'resume', runId, ...this.#log.position(runId), clientRequestId: runId })
  }

  #accept(requestId: string, runId: string, threadId: string): void {
    this.#pending.delete(requestId)
    this.#accepted.add(runId)
    const isNew = !this.#log.isKnown(runId)
    this.#log.follow(runId, threadId)
    this.#conversation.rename(requestId, runId)
    if (isNew && this.#state === 'open') this.#resume(runId)
  }

  #onRun(message: RunMessage): void {
    const arrival = this.#log.accept(message)
    if (arrival === 'gap') return this.#resume(message.runId)
    if (arrival === 'known') return
    if (message.threadId === this.#conversation.threadId) this.#conversation.apply(message)
    const isOver = !this.#log.isOpen(message.runId)
    if (isOver) this.#stops.delete(message.runId)
    if (message.sequence === 1 || isOver) this.#refreshSoon()
  }

  #onControl(message: ControlMessage): void {
    const { type, runId, threadId, clientRequestId } = message
    if (type === 'run_accepted' && typeof runId === 'string' && typeof threadId === 'string')
      this.#accept(String(clientRequestId), runId, threadId)
    if (type === 'resume_gap' && typeof runId === 'string') this.#conversation.takeGap(runId, message)
    if (type === 'error') this.#onError(message)
  }

  #onError({ code, clientRequestId: requestId, runId, message }: ControlMessage): void {
    const words = typeof message === 'string' ? message : 'Something went wrong.'
    // A run is asked for under its own id; of one that is forgotten on the way the server says it by itself.
    const clientRequestId = requestId ?? runId
    if (typeof clientRequestId !== 'string') return announce(words)
    if (this.#pending.delete(clientRequestId)) {
      this.#conversation.find(clientRequestId)?.fail(words)
    } else if (code === 'ERR_CONTEXT_RUN_NOT_FOUND' && this.#log.isOpen(clientRequestId)) {
      // The server keeps runs for a time, and forgets them when it restarts.
      this.#log.end(clientRequestId)
      this.#conversation.find(clientRequestId)?.fail('This run is no longer kept.')
    }
    announce(words)
  }

  #failSent(words: string): void {
    for (const [requestId, { before }] of this.#pending) {
      if (before === undefined) continue
      this.#pending.delete(requestId)
      this.#conversation.find(requestId)?.fail(words)
    }
    announce(words)
  }

  #choose(threadId: string | undefined): void {
    const id = threadId ?? newId()
    if (id !== this.#conversation.threadId) pushThreadToAddress(id)
    this.#show(id)
    this.#followShownThread()
    byId(threadId === undefined ? 'message' : 'thread-title', HTMLElement).focus()
  }

  #show(threadId: string): void {
    this.#conversation.show(threadId)
    this.#drafts.show(threadId)
    setThreadInAddress(threadId)
  }

  #followShownThread(): void {
    const { threadId } = this.#conversation
    for (const runId of this.#threads.find((thread) => thread.threadId === threadId)?.runs ?? []) {
      if (this.#log.isKnown(runId)) continue
      this.#log.follow(runId, threadId)
      this.#conversation.add(runId, '')
      this.#resume(runId)
    }
    this.#renderThreads()
  }

  // Many runs that end together are one reason to look, not many.
  #refreshSoon(): void {
    clearTimeout(this.#refresh)
    this.#refresh = setTimeout(() => void this.#refreshThreads(), 80)
  }

  async #refreshThreads(): Promise<boolean> {
    let threads: readonly Thread[]
    try {
      threads = parseThreads(await this.#session.fetchJson('/threads'))
    } catch {
      return false
    }
    // An answer that comes after sign-out must not show the threads of the user before.
    if (this.#isClosed) return false
    this.#threads = threads
    this.#renderThreads()
    return true
  }

  #renderThreads(): void {
    const { threadId } = this.#conversation
    this.#threadList.render(this.#threads, threadId)
    byId('thread-title', HTMLElement).textContent =
      this.#threads.find((thread) => thread.threadId === threadId)?.title || 'New thread'
  }
}
