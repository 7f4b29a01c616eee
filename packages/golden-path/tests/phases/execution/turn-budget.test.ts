import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { openGoldenPath, type Agent } from '../../../src/index.ts'
import { TurnBudget } from '../../../src/phases/execution/turn-budget.ts'
import { RecordingTransport } from '../recording-transport.ts'
import { newContext } from '../run-agent.ts'

describe('runs that yield without a pause', () => {
  const flooders = 10
  const open = () => {
    let [events, mostInTurn, turns, isOver] = [0, 0, 0, false]
    const agent: Agent = async function* (_scope, { text }) {
      if (text === 'short') return yield { type: 'agent_message_delta', text }
      while (!isOver) {
        events++
        yield { type: 'agent_message_delta', text: 'x' }
      }
    }
    const goldenPath = openGoldenPath({ agent, limits: { outputBytesPerRun: 2 ** 30, loggedEventsPerRun: 100 } })
    const watch = async (): Promise<void> => {
      for (let before = 0; !isOver; before = events) {
        await nextTurn()
        turns++
        mostInTurn = Math.max(mostInTurn, events - before)
      }
    }
    const end = async () => {
      isOver = true
      await goldenPath.close()
    }
    return { goldenPath, watch, end, turns: () => turns, mostInTurn: () => mostInTurn, events: () => events }
  }
  const flood = async ({ goldenPath }: ReturnType<typeof open>) => {
    for (let user = 0; user < flooders; user++)
      for (let run = 0; run < 3; run++) await goldenPath.execute(newContext(`flooder-${user}`), { text: 'flood' })
  }

  it('share one budget: thirty take no more of a turn than one does', async () => {
    const opened = open()
    const watched = opened.watch()
    await flood(opened)
    while (opened.turns() < 60) await nextTurn()
    // What is free at the start of each run comes on top.
    expect(opened.mostInTurn()).toBeLessThan(256 + 3 * flooders * (16 + 1) + 1)
    expect(opened.events()).toBeGreaterThan(30 * 60)
    await opened.end()
    await watched
  })

  it('keep the short run of another user waiting for no more than a few turns', async () => {
    const opened = open()
    const watched = opened.watch()
    await flood(opened)
    while (opened.turns() < 20) await nextTurn()
    const context = newContext('other')
    const connection = opened.goldenPath.connect(context, new RecordingTransport(), { runs: 'requested' })
    const before = opened.turns()
    const run = await opened.goldenPath.execute(context, { text: 'short' })
    expect(await opened.goldenPath.deliver(run, connection)).toBe('completed')
    expect(opened.turns() - before).toBeLessThan(4)
    await opened.end()
    await watched
  })
})

describe('TurnBudget', () => {
  it('asks to wait after 256 events, whatever the clock says, and gives all who wait the same turn', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(1_000)
    try {
      const budget = new TurnBudget()
      for (let event = 1; event < 256; event++) expect(budget.take()).toBeUndefined()
      const turn = budget.take()
      expect(turn).toBeInstanceOf(Promise)
      expect(budget.take()).toBe(turn)
      await turn
      expect(budget.take()).toBeUndefined()
    } finally {
      vi.restoreAllMocks()
    }
  })

  it('asks to wait sooner when events take long', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1_000)
    try {
      const budget = new TurnBudget()
      for (let event = 1; event < 8; event++) budget.take()
      now.mockReturnValue(1_001)
      expect(budget.take()).toBeInstanceOf(Promise)
    } finally {
      vi.restoreAllMocks()
    }
  })
  it('gives a share of its own after each turn, and looks at the clock for every eighth event', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1_000)
    try {
      const budget = new TurnBudget()
      for (let event = 1; event < 256; event++) budget.take()
      now.mockReturnValue(2_000)
      await budget.take()
      now.mockClear()
      for (let event = 1; event < 256; event++) expect(budget.take()).toBeUndefined()
      expect(now.mock.calls.length).toBeLessThan(40)
      await budget.take()
      now.mockReturnValue(3_000)
      for (let event = 1; event < 8; event++) expect(budget.take()).toBeUndefined()
      expect(budget.take()).toBeInstanceOf(Promise)
    } finally {
      vi.restoreAllMocks()
    }
  })
})
