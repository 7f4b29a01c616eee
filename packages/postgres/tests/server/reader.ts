// A client of a run, over real streams and sockets. For tests only.
import WebSocket from 'ws'

export type Message = { readonly type: string; readonly [key: string]: any }

/** A server that it asks. */
export type Asked = {
  readonly port: number
  readonly request: (
    method: string,
    path: string,
    token?: string,
    body?: unknown,
    headers?: object,
    signal?: AbortSignal,
  ) => Promise<Response>
}

/** What a client has of one run, whichever way it came. */
export class Reader {
  readonly runId: string
  events: Message[] = []
  readonly gaps: Message[] = []
  /** What broke the order, or came twice. */
  readonly disorders: string[] = []
  readonly #onText: (text: string) => void

  /** @param onText - Is given all that comes. */
  constructor(runId: string, onText: (text: string) => void = () => {}) {
    this.runId = runId
    this.#onText = onText
  }

  get isEnded(): boolean {
    return /^agent_(?:completed|failed|cancelled)$/.test(this.events.at(-1)?.type ?? '')
  }
  get text(): string {
    return JSON.stringify(this.events)
  }

  /** Reads by server-sent events until there are so many, until the end, or until the stream breaks. */
  async readEvents(
    node: Pick<Asked, 'request'>,
    token: string,
    most = Infinity,
    signal?: AbortSignal,
  ): Promise<number> {
    const { epoch, sequence } = this.events.at(-1) ?? ({} as Partial<Message>)
    const headers = sequence === undefined ? {} : { 'last-event-id': `${epoch}.${sequence}` }
    const response = await node.request('GET', `/runs/${this.runId}/events`, token, undefined, headers, signal)
    if (response.status !== 200) return response.status
    let rest = ''
    try {
      for await (const bytes of response.body!) {
        const text = Buffer.from(bytes).toString()
        this.#onText(text)
        const blocks = (rest + text).split('\n\n')
        rest = blocks.pop()!
        for (const block of blocks) this.#take(/^data: (.*)$/m.exec(block)?.[1])
        if (this.events.length >= most || this.isEnded) break
      }
    } catch {
      // The node is gone.
    }
    return 200
  }

  /** Resumes over a WebSocket, until the end. Gives the code that it closed with. */
  async readSocket(node: Asked, token: string, signal?: AbortSignal): Promise<number> {
    const socket = openSocket(node, token)
    const { epoch = 1, sequence: lastSequence = 0 } = this.events.at(-1) ?? ({} as Partial<Message>)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'resume', runId: this.runId, epoch, lastSequence })))
    socket.on('error', () => {})
    const cut = (): void => socket.terminate()
    signal?.addEventListener('abort', cut)
    socket.on('message', (data) => {
      this.#onText(String(data))
      this.#take(String(data))
      if (this.isEnded) socket.close()
    })
    return new Promise((resolve) =>
      socket.on('close', (code) => {
        signal?.removeEventListener('abort', cut)
        resolve(code)
      }),
    )
  }

  #take(text: string | undefined): void {
    const message = JSON.parse(text ?? '{}') as Message
    if (message['runId'] !== this.runId) return
    if (message.type === 'resume_gap') {
      this.gaps.push(message)
      if (message['reason'] === 'lost')
        this.events = this.events.filter((event) => event['sequence'] < message['fromSequence'])
    }
    if (!('sequence' in message)) return
    const last = (this.events.at(-1)?.sequence ?? 0) as number
    const from = (message['fromSequence'] ?? message['sequence']) as number
    if (from !== last + 1) this.disorders.push(`${from} after ${last}`)
    if (this.isEnded) this.disorders.push(`${message.type} after the end`)
    this.events.push(message)
  }
}

export const openSocket = (node: Asked, token: string): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${node.port}/ws`, { headers: { authorization: `Bearer ${token}` } })
