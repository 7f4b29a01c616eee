/**
 * The embedded agent: answers over the user's own notes, without a network or a model.
 *
 * Its tools take the context. The input of a tool, which the client sees, never holds it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { JsonInput, Scope } from 'user-execution-context'
import type { Agent, AgentEvent } from '@user-execution-context/golden-path'
import type { Note, Notes } from './notes.ts'
import { calculate, findNumbers, parseNotesRequest, type Arithmetic, type NotesRequest } from './request.ts'

type ToolCall<Result> = AsyncGenerator<AgentEvent, Result>

const help =
  'Say "add" and a text to keep a note, "list" for all notes, "search" and words to find some, or "sum", ' +
  '"average", "minimum", "maximum" or "count" and words to calculate over the numbers in them.'

/** How an agent takes its time. */
export type Pace = {
  /** How long it waits before it acts, and again before it answers, as a model would. Milliseconds. Default 0. */
  readonly pauseMs?: number
}

/** Makes the agent over a store of notes. It keeps no state of its own: one serves all users. */
export const notesAgent = (notes: Notes, { pauseMs = 0 }: Pace = {}): Agent =>
  async function* answer(scope, { text }) {
    // Ends at once when the run is stopped.
    const rest = async (): Promise<void> =>
      pauseMs === 0 ? undefined : pause(pauseMs, undefined, { signal: scope.signal })
    const request = parseNotesRequest(text)
    yield { type: 'agent_thinking', text: toPlan(request) }
    await rest()
    const lines = yield* run(scope, notes, request)
    await rest()
    for (const [index, line] of lines.entries()) {
      yield { type: 'agent_message_delta', text: index === 0 ? line : `\n${line}` }
    }
    yield { type: 'agent_completed', text: lines.join('\n') }
  }

async function* run(scope: Scope, notes: Notes, request: NotesRequest): ToolCall<readonly string[]> {
  switch (request.kind) {
    case 'help':
      return [help]
    case 'add': {
      const note = yield* call(scope, 'add-note', { text: request.text }, ({ context, signal }) =>
        notes.add(context, request.text, signal),
      )
      return [note === undefined ? 'You have as many notes as I can keep.' : `Kept as note ${note.number}.`]
    }
    case 'list': {
      const found = yield* call(scope, 'list-notes', {}, ({ context, signal }) => notes.list(context, signal))
      return found.length === 0 ? ['You have no notes yet.', help] : found.map(toLine)
    }
    case 'search': {
      const found = yield* call(scope, 'search-notes', { words: request.words }, ({ context, signal }) =>
        notes.search(context, request.words, signal),
      )
      return found.length === 0 ? ['None of your notes holds that.', help] : found.map(toLine)
    }
    case 'calculate': {
      const found = yield* call(scope, 'search-notes', { words: request.words }, ({ context, signal }) =>
        notes.search(context, request.words, signal),
      )
      const numbers = found.flatMap((note) => findNumbers(note.text))
      const { arithmetic } = request
      const result = yield* call(
        scope,
        'calculate',
        { arithmetic, numbers },
        async () => calculate(arithmetic, numbers) ?? null,
      )
      return [toResult(arithmetic, numbers.length, found.length, result)]
    }
  }
}

// A tool runs in its own child scope: it has its own request id in the audit trail, and it ends before the run does.
async function* call<Result>(
  scope: Scope,
  toolName: string,
  input: { readonly [key: string]: JsonInput },
  tool: (scope: Scope) => Promise<Result>,
): ToolCall<Result> {
  const child = scope.child(toolName)
  const toolCallId: string = child.context.requestId
  yield { type: 'tool_executing', toolCallId, toolName, input }
  try {
    const result = await tool(child)
    yield { type: 'tool_completed', toolCallId, toolName, output: (result ?? null) as JsonInput }
    return result
  } finally {
    await child.close()
  }
}

function toPlan(request: NotesRequest): string {
  const plans = {
    help: 'I say what I can do.',
    add: 'I keep this as a note.',
    list: 'I look at all notes.',
    search: 'I look for notes that hold these words.',
    calculate: 'I look for the numbers in the notes and calculate.',
  }
  return plans[request.kind]
}

function toLine(note: Note): string {
  return `${note.number}. ${note.text}`
}

function toResult(arithmetic: Arithmetic, numbers: number, notes: number, result: number | null): string {
  if (result === null) return 'There are no numbers in those notes.'
  const of = `${numbers} ${numbers === 1 ? 'number' : 'numbers'} in ${notes} ${notes === 1 ? 'note' : 'notes'}`
  return arithmetic === 'count' ? `There are ${of}.` : `The ${arithmetic} of ${of} is ${result}.`
}
