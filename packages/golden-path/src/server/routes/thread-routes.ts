/**
 * The threads of a user and the runs in them, as far as they are still held.
 */
import { assertLive, createForUser, toOwnerKey } from 'user-execution-context'
import type { AgentRun } from '../../phases/execution/agent-run.ts'
import type { EventLog, LoggedEvent, RunKey } from '../../phases/ports/event-log.ts'
import { runStart } from '../../phases/ports/run-position.ts'
import { readEnd } from '../../phases/delivery/read-end.ts'
import type { RunEvent } from '../../phases/wire/wire-envelope.ts'
import { sendJson } from '../answer.ts'
import type { Handler, Route } from '../route.ts'
import { authenticate } from '../services.ts'
import { unlessForgotten } from './unless-forgotten.ts'

/** Where a run stands. */
export type RunState = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'

type Summary = { readonly runId: string; readonly createdAt: string; readonly state: RunState }
type Thread = { readonly threadId: string; readonly title: string; readonly runs: Summary[] }

const maxTitleCharacters = 80
const states = { agent_completed: 'completed', agent_failed: 'failed', agent_cancelled: 'cancelled' } as const

const listThreads: Handler = async ({ request, response, services }) => {
  const context = createForUser(await authenticate(services, request))
  const ownerKey = toOwnerKey(context)
  const threads = new Map<string, Thread>()
  for (const run of await services.goldenPath.listRuns(context)) {
    const { threadId } = run
    // A run that was forgotten since it was listed is left out.
    const key = { ownerKey, runId: run.runId }
    const summary = await summarise(services.eventLog, key).catch(unlessForgotten(undefined))
    if (summary === undefined) continue
    const { title, state } = summary
    const thread = threads.get(threadId) ?? { threadId, title, runs: [] }
    threads.set(threadId, thread)
    thread.runs.push({ runId: run.runId, createdAt: toIsoTime(run), state })
  }
  // A log of another machine takes its time: who has signed out meanwhile is told nothing.
  assertLive(context)
  sendJson(response, 200, { threads: [...threads.values()] })
}

/** The routes of threads. */
export const threadRoutes: readonly Route[] = [{ method: 'GET', path: '/threads', handle: listThreads }]

async function summarise(
  eventLog: EventLog,
  key: RunKey,
): Promise<{ readonly title: string; readonly state: RunState }> {
  const page = await eventLog.read(key, runStart, 1)
  const [first] = page.events
  if (first === undefined) return { title: '', state: 'queued' }
  const end = await readEnd(eventLog, key, page)
  return { title: toTitle(first), state: end === undefined ? 'running' : states[end.type as keyof typeof states] }
}

// The start of a long run can be trimmed: what is first then has other data.
function toTitle({ type, text }: LoggedEvent): string {
  if (type !== 'agent_started') return ''
  return (JSON.parse(text) as Extract<RunEvent, { readonly type: 'agent_started' }>).data.input.text.slice(
    0,
    maxTitleCharacters,
  )
}

function toIsoTime({ createdAtMs }: AgentRun): string {
  return new Date(createdAtMs).toISOString()
}
