/**
 * One run on the page: what was asked, what the agent thinks and does, its answer, and how it ended.
 */
import { byId, copyTemplate, part } from './elements.ts'
import type { RunMessage } from './wire.ts'

/** How a run stands, as the page shows it. */
export type RunState = 'waiting' | 'running' | 'done' | 'stopped' | 'failed'

type Block = { readonly kind: 'thinking' | 'answer'; readonly element: HTMLElement; readonly text: Text }

const stopTexts: ReadonlyMap<unknown, string> = new Map([['identity_ended', 'Stopped: the sign-in ended.']])

/** Builds itself from the run's events, in order. */
export class RunView {
  readonly element: HTMLElement = copyTemplate('run-template')
  readonly #steps = part(this.element, 'steps')
  readonly #prompt = part(this.element, 'prompt-text')
  readonly #tools = new Map<string, HTMLElement>()
  readonly #stop = part(this.element, 'stop')
  #block: Block | undefined
  #answer = ''
  #state: RunState = 'waiting'

  constructor(prompt: string) {
    this.#prompt.textContent = prompt
    this.#setState('waiting')
  }

  get state(): RunState {
    return this.#state
  }

  /** Lets the run be stopped, until it has ended. Two runs of a thread have a button each. */
  allowStop(stop: () => void): void {
    this.#stop.onclick = stop
    this.#showStop()
  }

  /** What is read out when the run is over: how it ended, and what the agent answered. */
  get ending(): string {
    if (this.#state === 'stopped') return 'The agent was stopped.'
    if (this.#state === 'failed') return part(this.element, 'outcome').textContent ?? ''
    return `The agent has finished. ${this.#answer}`
  }

  /** Shows one event. */
  apply({ type, data }: RunMessage): void {
    switch (type) {
      case 'agent_started':
        return this.#start(data)
      case 'agent_thinking':
        return this.#append('thinking', toText(data['text']))
      case 'agent_message_delta':
        return this.#append('answer', toText(data['text']))
      case 'tool_executing':
        return this.#openTool(data)
      case 'tool_completed':
        return this.#closeTool(data)
      case 'agent_completed':
        return this.#complete(toText(data['text']))
      case 'agent_cancelled':
        return this.#end('stopped', stopTexts.get(data['reason']) ?? 'Stopped')
      case 'agent_failed':
        return this.#end('failed', toText(data['message']))
    }
  }

  /** Shows that the run could not start. */
  fail(words: string): void {
    this.#end('failed', words)
  }

  /** Shows that a part of the run is no longer held by the server. */
  showGap(): void {
    this.#block = undefined
    const note = document.createElement('p')
    note.className = 'hint'
    note.textContent = 'The beginning of this run is no longer kept.'
    this.#steps.append(note)
  }

  #start(data: RunMessage['data']): void {
    const input = data['input'] as { readonly text?: unknown } | undefined
    if (typeof input?.text === 'string') this.#prompt.textContent = input.text
    this.#setState('running')
  }

  #append(kind: Block['kind'], text: string): void {
    if (text === '') return
    if (this.#block?.kind !== kind) this.#block = this.#openBlock(kind)
    this.#block.text.appendData(text)
    if (kind === 'answer') this.#answer += text
  }

  #openBlock(kind: Block['kind']): Block {
    this.#foldThinking()
    const element = copyTemplate(`${kind}-template`)
    const text = document.createTextNode('')
    part(element, `${kind}-text`).append(text)
    this.#steps.append(element)
    if (kind === 'answer') this.#answer = ''
    return { kind, element, text }
  }

  // Open while it happens, folded once the run goes on: the answer is what people come for.
  #foldThinking(): void {
    if (this.#block?.kind === 'thinking') {
      this.#block.element.removeAttribute('open')
      part(this.#block.element, 'thinking-label').textContent = 'Thoughts'
    }
    this.#block = undefined
  }

  #openTool(data: RunMessage['data']): void {
    this.#foldThinking()
    const element = copyTemplate('tool-template')
    part(element, 'tool-name').textContent = toText(data['toolName'])
    part(element, 'tool-input').textContent = toJsonText(data['input'])
    this.#tools.set(toText(data['toolCallId']), element)
    this.#steps.append(element)
  }

  #closeTool(data: RunMessage['data']): void {
    const element = this.#tools.get(toText(data['toolCallId']))
    if (element === undefined) return
    const interrupted = data['interrupted'] === true
    element.dataset['state'] = interrupted ? 'interrupted' : 'done'
    part(element, 'tool-state').textContent = interrupted ? 'interrupted' : 'done'
    part(element, 'tool-output').textContent = interrupted ? 'None: the run ended first.' : toJsonText(data['output'])
  }

  #complete(text: string): void {
    if (text !== '' && text !== this.#answer) {
      const rest =
        this.#block?.kind === 'answer' && text.startsWith(this.#answer) ? text.slice(this.#answer.length) : text
      if (rest === text) this.#foldThinking()
      this.#append('answer', rest)
    }
    this.#foldThinking()
    this.#setState('done')
  }

  #end(state: 'stopped' | 'failed', words: string): void {
    this.#foldThinking()
    const outcome = part(this.element, 'outcome')
    outcome.textContent = words
    outcome.hidden = false
    this.#setState(state)
  }

  #showStop(): void {
    const canStop = this.#stop.onclick !== null && (this.#state === 'waiting' || this.#state === 'running')
    // The focus must not fall to the top of the page when the button that has it goes away.
    if (!canStop && document.activeElement === this.#stop) byId('message', HTMLElement).focus()
    this.#stop.hidden = !canStop
    this.#stop.setAttribute('aria-label', `Stop: ${(this.#prompt.textContent ?? '').slice(0, 60)}`)
  }

  #setState(state: RunState): void {
    this.#state = state
    this.element.dataset['state'] = state
    this.element.setAttribute('aria-busy', String(state === 'running'))
    this.#showStop()
  }
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function toJsonText(value: unknown): string {
  if (typeof value === 'string') return value
  const line = JSON.stringify(value ?? null)
  return line.length <= 80 ? line : JSON.stringify(value, null, 2)
}
