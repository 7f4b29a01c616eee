// Nodes of a server, each a process, and clients over real sockets. For tests only.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'

const program = fileURLToPath(new URL('node.run.mjs', import.meta.url))

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
