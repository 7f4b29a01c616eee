/**
 * `npm run ask -- "…"`: signs in, starts one run over the WebSocket, and prints its events as they come.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { inspect, parseArgs } from 'node:util'
import WebSocket from 'ws'

const usage = 'Usage: npm run ask -- [--url http://localhost:3000] --user NAME [--password PASSWORD] "what to ask"'
const wrongPassword =
  'Name and password have to be those that the first start printed; passwords lost with it are gone with .data.'
const help = `${usage}

Starts one run of the agent over the notes of NAME and prints its events as they come.
Without --password it is asked for, or read from the first line of the standard input.
npm start prints the names and passwords of the first users.`
const { values, positionals } = readArguments()
const text = positionals.join(' ')
if (values.help) {
  console.log(help)
  process.exit(0)
}
if (values.user === undefined)
  stop(`Say who asks: --user and a name that the first npm start printed, such as --user alice.\n${usage}`, 2)
if (text === '') stop(`Say what to ask, after the options and in quotes, such as "list".\n${usage}`, 2)

const url = readUrl(values.url)
const password = values.password ?? (await readHidden('Password: '))
if (password === '')
  stop(`No password was given. Type it when you are asked, pipe it in, or pass --password.\n${usage}`, 2)
const accessToken = await signIn(url, values.user, password)
const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, 'uec.v1', {
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
  readonly data?: Data
}
type Data = { readonly [key: string]: unknown }

/** One line an event: place, type, what it carries. Runs of other terminals of the same user are left out. */
function show({ type, runId: messageRunId, sequence, message, data }: Message): void {
  if (type === 'error') stop(message ?? 'Refused.', 1)
  if (type === 'run_accepted') runId = messageRunId
  if (sequence === undefined || messageRunId !== runId) return
  const indented = toContent(data ?? {}).replaceAll('\n', `\n${' '.repeat(26)}`)
  console.log(`${String(sequence).padStart(3)}  ${type.padEnd(20)} ${indented}`)
  if (type !== 'agent_completed' && type !== 'agent_failed' && type !== 'agent_cancelled') return
  socket.removeAllListeners('close')
  socket.close(1000)
  process.exitCode = type === 'agent_completed' ? 0 : 1
}

/** What an event says, or the name of a tool with what went in or came out. The id of a call is for programs. */
function toContent(data: Data): string {
  const { text: said, toolName, input, output } = data
  if (typeof said === 'string') return toPlainText(said)
  if (typeof toolName !== 'string') return 'input' in data ? toPlainText(textOf(input)) : toLiteral(data)
  const shown = toLiteral('output' in data ? output : input)
  return shown === '{}' ? toolName : `${toolName} ${shown}`
}

const textOf = (input: unknown): string => {
  const { text: asked } = (input ?? {}) as { readonly text?: unknown }
  return typeof asked === 'string' ? asked : toLiteral(input)
}

const toLiteral = (value: unknown): string => inspect(value, { compact: 3, breakLength: 90, depth: 6 })

/** What a model or a note says may hold sequences that a terminal obeys. */
const toPlainText = (said: string): string => said.replace(/[^\P{Cc}\n]/gu, '').trim()

/** The URL as `npm start` prints it, without the slash that a browser adds to it. */
function readUrl(given: string): string {
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    stop(`--url must be a URL that begins with http:// or https://, such as http://localhost:3000.\n${usage}`, 2)
  return given.replace(/\/+$/, '')
}

async function signIn(url: string, userName: string, secret: string): Promise<string> {
  const answer = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userName, password: secret }),
  }).catch(() => stop(`Nothing answers at ${url}. Is the server running (npm start)?`, 1))
  const body: unknown = await answer.json().catch(() => undefined)
  if (typeof body !== 'object' || body === null)
    stop(`What answers at ${url} is not this server (${answer.status}). Pass the URL that npm start printed.`, 1)
  const { accessToken: token, message } = body as { readonly accessToken?: string; readonly message?: string }
  const advice = answer.status === 401 ? ` ${wrongPassword}` : ''
  return token ?? stop(`Sign-in was refused: ${message ?? answer.status}${advice}`, 1)
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        url: { type: 'string', default: 'http://localhost:3000' },
        user: { type: 'string' },
        password: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    return stop(`${(error as Error).message}\n${usage}`, 2)
  }
}

/** Asks without showing what is typed. */
async function readHidden(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY })
  // An input that ends without a line gives no answer.
  const answer = await Promise.race([reader.question(''), once(reader, 'close').then(() => '')])
  reader.close()
  process.stderr.write('\n')
  return answer
}

function stop(message: string, exitCode: number): never {
  console.error(message)
  process.exit(exitCode)
}
