/**
 * What is wrong with the runs themselves: their order, their end, and what is told of runs of others.
 */
import { isEnd } from '../../../../packages/golden-path/tests/server/test-server.ts'
import type { SimulatedUser } from './simulated-user.ts'

/** Events out of turn, and runs without exactly one terminal event at their end. */
export function findDisorder(user: SimulatedUser): string[] {
  const ends = [...user.runs.values()].filter(
    ({ events }) =>
      events.filter((event) => isEnd(event as never)).length !== 1 ||
      !isEnd(events.at(-1) as never) ||
      events[0]?.type !== 'agent_started',
  )
  return [
    ...user.disorders,
    ...ends.map(({ runId, events }) => `${runId}: ${events.map(({ type }) => type).join(' ')}`),
  ]
}

/**
 * Each user requests a run of the next one and for a run that nobody has: both must be answered alike, and nothing
 * cancelled.
 */
export async function probeForeignRuns(users: readonly SimulatedUser[]): Promise<string[]> {
  const faults: string[] = []
  for (const [index, user] of users.entries()) {
    const foreign = [...users[(index + 1) % users.length]!.runs.keys()][0]!
    const unknown = '0b54ee3e-4ce1-4b2c-a5b7-5f2b1c1ed0a5'
    for (const [method, path] of [
      ['GET', '/events'],
      ['DELETE', ''],
    ] as const) {
      const answers = await Promise.all([foreign, unknown].map((runId) => user.ask(method, `/runs/${runId}${path}`)))
      if (users.length > 1 && (answers[0] !== answers[1] || !answers[0]!.startsWith('404')))
        faults.push(`${method} ${path} told ${answers.join(' / ')}`)
    }
  }
  return faults
}
