// Nodes of a server, each a process, and clients over real sockets. For tests only.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import WebSocket from 'ws'

const program = fileURLToPath(new URL('node.run.mjs', import.meta.url))

export type Message = { readonly type: string; readonly [key: string]: any }
export type Run = { readonly runId: string; readonly threadId: string }

/** One node. */
export class Node {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  static async open(database: string, directory: string, role: 'signs in' | 'executes'): Promise<Node> {
    const env = { ...process.env, HOST: inject('serverHost'), DATABASE: database, DIRECTORY: directory }
    const own = role === 'executes' ? { EXECUTES: 'yes' } : { SIGNS_IN: 'yes' }
    const child = fork(program, { env: { ...env, ...own }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const port = await new Promise<number>((resolve, reject) => {
      child.once('message', (message: { readonly port: number }) => resolve(message.port))
      child.once('exit', (code) => reject(new Error(`A node ended with ${code}`)))
    })
    return new Node(child, port)
  }

  async request(method: string, path: string, token?: string, body?: unknown, headers: object = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  async signIn(userName: string): Promise<string> {
    const response = await this.request('POST', '/login', undefined, { userName, password: `password-of-${userName}` })
    return ((await response.json()) as { readonly accessToken: string }).accessToken
  }

  async start(token: string, words: number, headers: object = {}): Promise<Run> {
    const response = await this.request('POST', '/runs', token, { input: { text: String(words) } }, headers)
    if (response.status !== 202) throw new Error(`The start was answered ${response.status}`)
    return (await response.json()) as Run
  }

  /** Kills it, at once, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#gone()
  }

  /** Closes it as a deploy does. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.send('close')
    await this.#gone()
  }

  async #gone(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }
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
  async readEvents(node: Node, token: string, most = Infinity): Promise<number> {
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
  async readSocket(node: Node, token: string): Promise<number> {
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

export const openSocket = (node: Node, token: string): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${node.port}/ws`, { headers: { authorization: `Bearer ${token}` } })
