/**
 * Puts the questions of many askers into few messages. TypeScript 7 takes lists for types and symbols of places only;
 * everything else is asked one at a time, and each time two processes change places. So askers are run until each has
 * met a question without an answer, all those questions are written at once, and the askers run again.
 */
import type { API } from 'typescript/unstable/sync'
import type { AskTogether } from './checker.ts'

/** What the client of the pinned 7.0.2 carries messages with. ask-together.test.ts holds it to that. */
type Client = {
  readonly channel: {
    readonly writeAllBuf: (data: Uint8Array) => void
    readonly readTuple: () => void
    readonly _msgType: number
    readonly _msgPayload: Uint8Array
  }
  apiRequest: (method: string, params: unknown) => unknown
}

type Question = { readonly key: string; readonly method: string; readonly payload: string }
type Answer = { readonly value: unknown } | { readonly failure: string }

// Questions and answers on the pipe of the pinned 7.0.2: three fields, type, method and payload.
const [questionType, answerType, failureType] = [1, 4, 5]
const [threeFields, bytesOf8, bytesOf32] = [0x93, 0xc4, 0xc6]

/**
 * So much is written before an answer is read. A pipe holds more everywhere, so that neither process waits for the
 * other to read.
 */
const bytesAtOnce = 8_192

/** Thrown where a question is put off. Whoever has more to ask catches it and goes on. */
const unanswered = Symbol('unanswered')

export const isUnanswered = (cause: unknown): boolean => cause === unanswered

let putOff = 0
let round = 0

/** How many questions were put off so far. What is found out while the number grows is not known yet. */
export const questionsPutOff = (): number => putOff

/** Which round of questions it is: until the next one nothing that was put off gets an answer. */
export const roundOfQuestions = (): number => round

/** Counts a question that waits already: whoever needs its answer does not know it yet. */
export const putOffAgain = (): void => void putOff++

export const toAskTogether = (api: API, platform: NodeJS.Platform = process.platform): AskTogether => {
  const { client } = api as unknown as { client: Client }
  // A pipe of Windows may hold nothing until it is read.
  if (platform === 'win32') return () => undefined
  let isAsking = false
  return (items, ask) => {
    if (isAsking) return
    isAsking = true
    const answers = new Map<string, Answer>()
    const open = new Map<string, Question>()
    const { apiRequest } = client
    client.apiRequest = (method, params) => {
      const key = keyOf(method, params)
      const answer = answers.get(key)
      if (!answer) {
        if (!open.has(key)) open.set(key, { key, method, payload: JSON.stringify(params) })
        putOff++
        throw unanswered
      }
      if ('failure' in answer) throw new Error(answer.failure)
      return answer.value
    }
    try {
      for (let left = [...items]; left.length > 0;) {
        round++
        left = left.filter((item) => isStopped(() => ask(item)))
        answerAll(client, [...open.values()], answers)
        open.clear()
      }
    } finally {
      client.apiRequest = apiRequest
      isAsking = false
      round++
    }
  }
}

/** What two questions share that are one. Most are about one thing, which its number names. */
const keyOf = (method: string, params: unknown): string => {
  const { project, type, objectId, signature, symbols } = params as Readonly<Record<string, unknown>>
  const id = type ?? objectId ?? signature
  const isPlain = typeof id === 'number' && symbols === undefined && !rich.has(method)
  return isPlain ? `${method} ${id} ${project}` : `${method} ${JSON.stringify(params)}`
}

/** Asked about a thing and something else. */
const rich: ReadonlySet<string> = new Set([
  'getSignaturesOfType',
  'getPropertyOfType',
  'getParameterType',
  'typeToString',
])

const isStopped = (ask: () => void): boolean => {
  const before = putOff
  try {
    ask()
  } catch (cause) {
    // A failure is no answer: whoever asks in earnest meets it again.
    return isUnanswered(cause)
  }
  return putOff !== before
}

const answerAll = ({ channel }: Client, questions: readonly Question[], answers: Map<string, Answer>): void => {
  const packets = questions.map(toPacket)
  for (let from = 0, next = 0; from < packets.length; from = next) {
    let size = 0
    while (next < packets.length && (next === from || size + packets[next]!.length <= bytesAtOnce))
      size += packets[next++]!.length
    channel.writeAllBuf(Buffer.concat(packets.slice(from, next)))
    for (const { key, method } of questions.slice(from, next)) {
      channel.readTuple()
      const text = Buffer.from(channel._msgPayload.buffer, channel._msgPayload.byteOffset, channel._msgPayload.length)
      answers.set(key, toAnswer(channel._msgType, method, text.toString('utf8')))
    }
  }
}

const toAnswer = (type: number, method: string, text: string): Answer => {
  if (type === answerType) return { value: text === '' ? undefined : JSON.parse(text) }
  if (type === failureType) return { failure: text }
  throw new Error(`TypeScript 7 asked something back while it answered ${method}.`)
}

const toPacket = ({ method, payload }: Question): Buffer =>
  Buffer.concat([Buffer.from([threeFields, questionType]), ...[method, payload].flatMap(toField)])

const toField = (text: string): readonly Buffer[] => {
  const bytes = Buffer.from(text)
  if (bytes.length < 256) return [Buffer.from([bytesOf8, bytes.length]), bytes]
  const head = Buffer.from([bytesOf32, 0, 0, 0, 0])
  head.writeUInt32BE(bytes.length, 1)
  return [head, bytes]
}
