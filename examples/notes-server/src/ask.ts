/**
 * `npm run ask -- "…"`: signs in, starts one run over the WebSocket, and prints its events as they come.
 */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import WebSocket from 'ws'

const usage = 'Usage: npm run ask -- [--url http://localhost:3000] --user NAME [--password PASSWORD] "what to ask"'
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: 'http://localhost:3000' },
    user: { type: 'string' },
    password: { type: 'string' },
  },
})
const text = positionals.join(' ')
if (values.user === undefined || text === '') stop(usage, 2)

const password = values.password ?? (await readHidden('Password: '))
const accessToken = await signIn(values.url, values.user, password)
const socket = new WebSocket(`${values.url.replace(/^http/, 'ws')}/ws`, 'uec.v1', {
  headers: { authorization: `Bearer ${accessToken}` },
})
let runId: unknown
socket.on('open', () => socket.send(JSON.stringify({ type: 'start_run', input: { text } })))
socket.on('message', (data) => show(JSON.parse(String(data)) as Message))
socket.on('error', (error) => stop(`The connection failed: ${error.message}`, 1))
socket.on('close', (code) => stop(`The server closed the connection (${code}).`, 1))

type Message = {
  readonly type: string
  readonly runId?: string
  readonly sequence?: number
  readonly message?: string
  readonly data?: { readonly [key: string]: unknown }
}

/** One line an event: place, type, what it carries. Runs of other terminals of the same user are left out. */
function show({ type, runId: messageRunId, sequence, message, data }: Message): void {
  if (type === 'error') stop(message ?? 'Refused.', 1)
  if (type === 'run_accepted') runId = messageRunId
  if (sequence === undefined || messageRunId !== runId) return
  const { text: said, ...rest } = data ?? {}
  const content = typeof said === 'string' ? said.trim() : JSON.stringify(rest)
  console.log(`${String(sequence).padStart(3)}  ${type.padEnd(20)} ${content}`)
  if (type !== 'agent_completed' && type !== 'agent_failed' && type !== 'agent_cancelled') return
  socket.removeAllListeners('close')
  socket.close(1000)
  process.exitCode = type === 'agent_completed' ? 0 : 1
}

async function signIn(url: string, userName: string, secret: string): Promise<string> {
  const answer = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userName, password: secret }),
  }).catch(() => stop(`Nothing answers at ${url}. Is the server running (npm start)?`, 1))
  const body = (await answer.json()) as { readonly accessToken?: string; readonly message?: string }
  return body.accessToken ?? stop(`Sign-in was refused: ${body.message ?? answer.status}`, 1)
}

/** Asks without showing what is typed. */
async function readHidden(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY })
  const answer = await reader.question('')
  reader.close()
  process.stderr.write('\n')
  return answer
}

function stop(message: string, exitCode: number): never {
  console.error(message)
  process.exit(exitCode)
}
