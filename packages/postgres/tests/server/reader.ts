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
  ) => Promise<Response>
}

/** What a client has of one run, whichever way it came. */
export class Reader {
  readonly runId: string
  readonly events: Message[] = []
  /** What broke the order, or came twice. */
  readonly disorders: string[] = []

  constructor(runId: string) {
    this.runId = runId
  }

  get isEnded(): boolean {
    return /^agent_(?:completed|failed|cancelled)$/.test(this.events.at(-1)?.type ?? '')
  }
  get text(): string {
    return JSON.stringify(this.events)
  }

  /** Reads by server-sent events until there are so many, until the end, or until the stream breaks. */
  async readEvents(node: Pick<Asked, 'request'>, token: string, most = Infinity): Promise<number> {
    const { epoch, sequence } = this.events.at(-1) ?? ({} as Partial<Message>)
    const headers = sequence === undefined ? {} : { 'last-event-id': `${epoch}.${sequence}` }
    const response = await node.request('GET', `/runs/${this.runId}/events`, token, undefined, headers)
    if (response.status !== 200) return response.status
    let rest = ''
    try {
      for await (const bytes of response.body!) {
        const blocks = (rest + Buffer.from(bytes).toString()).split('\n\n')
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
  async readSocket(node: Asked, token: string): Promise<number> {
    const socket = openSocket(node, token)
    const { epoch = 1, sequence: lastSequence = 0 } = this.events.at(-1) ?? ({} as Partial<Message>)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'resume', runId: this.runId, epoch, lastSequence })))
    socket.on('message', (data) => {
      this.#take(String(data))
      if (this.isEnded) socket.close()
    })
    return new Promise((resolve) => socket.on('close', resolve))
  }

  #take(text: string | undefined): void {
    const message = JSON.parse(text ?? '{}') as Message
    if (message['runId'] !== this.runId || !('sequence' in message)) return
    const last = (this.events.at(-1)?.sequence ?? 0) as number
    const from = (message['fromSequence'] ?? message['sequence']) as number
    if (from !== last + 1) this.disorders.push(`${from} after ${last}`)
    if (this.isEnded) this.disorders.push(`${message.type} after the end`)
    this.events.push(message)
  }
}

export const openSocket = (node: Asked, token: string): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${node.port}/ws`, { headers: { authorization: `Bearer ${token}` } })
