// Nodes of a server, each a process, and clients over real sockets. For tests only.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, inject } from 'vitest'
import { requestTo } from './request-to.ts'

const program = fileURLToPath(new URL('node.run.mjs', import.meta.url))

export type Role = 'signs in' | 'serves' | 'executes'
export type Run = { readonly runId: string; readonly threadId: string }

/** One node. */
export class Node {
  readonly port: number
  readonly #child: ChildProcess

  /** Resolves when the process is gone, with whether somebody here has killed or closed it. */
  readonly ended: Promise<boolean>
  #isWanted = false

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
    this.ended = once(child, 'exit').then(() => this.#isWanted)
  }

  static async open(
    database: string,
    directory: string,
    role: Role,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Node> {
    const host = environment['HOST'] ?? inject('serverHost')
    const env = { ...process.env, ...environment, HOST: host, DATABASE: database, DIRECTORY: directory }
    const own = { 'executes': { EXECUTES: 'yes' }, 'signs in': { SIGNS_IN: 'yes' }, 'serves': {} }[role]
    const { STDERR: file } = environment
    const stderr = file === undefined ? 'inherit' : openSync(file, 'a')
    const child = fork(program, { env: { ...env, ...own }, stdio: ['ignore', 'inherit', stderr, 'ipc'] })
    if (typeof stderr === 'number') closeSync(stderr)
    const port = await new Promise<number>((resolve, reject) => {
      child.once('message', (message: { readonly port: number }) => resolve(message.port))
      child.once('exit', (code) => reject(new Error(`A node ended with ${code}`)))
    })
    return new Node(child, port)
  }

  /** Resolves when it takes clients: it has heard of the revocations of the others. */
  async ready(): Promise<void> {
    await expect.poll(async () => (await this.request('GET', '/readyz')).status, { timeout: 30_000 }).toBe(200)
  }

  request(...given: Parameters<ReturnType<typeof requestTo>>): Promise<Response> {
    // A node that starts again has another port.
    return requestTo(`http://127.0.0.1:${this.port}`)(...given)
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
    this.#isWanted = true
    this.#child.kill('SIGKILL')
    await this.#gone()
  }

  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    this.#child.kill(name)
  }

  /** Moves its clock away from that of the others. */
  moveClock(clockMs: number): void {
    if (this.#child.connected) this.#child.send({ clockMs }, () => {})
  }

  /** Closes it as a deploy does. */
  async close(): Promise<void> {
    this.#isWanted = true
    if (this.#child.connected) this.#child.send({})
    await this.#gone()
  }

  async #gone(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }
}
