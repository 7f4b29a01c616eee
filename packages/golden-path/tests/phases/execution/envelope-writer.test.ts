import { describe, expect, it } from 'vitest'
import { EnvelopeWriter, IsoClock } from '../../../src/phases/execution/envelope-writer.ts'
import { newContext } from '../run-agent.ts'

const newWriter = () => new EnvelopeWriter(newContext(), { epoch: 1, sequence: 0 }, new IsoClock())

describe('EnvelopeWriter', () => {
  it('goes on in a newer epoch, behind what the run has', () => {
    const writer = newWriter()
    writer.write('agent_started', '{}', Infinity)
    writer.goOn({ epoch: 3, sequence: 7 })
    const event = writer.write('agent_thinking', '{"text":"x"}', Infinity)!
    expect([event.epoch, event.sequence]).toEqual([3, 8])
    expect(JSON.parse(event.text)).toMatchObject({ version: 1, epoch: 3, sequence: 8 })
  })

  for (const text of ['', 'plain', 'é', '日本語', '😀', '"\\\n\u2028', '\ud800']) {
    it(`counts the bytes of ${JSON.stringify(text)} on the wire`, () => {
      const event = newWriter().write('agent_thinking', JSON.stringify({ text }), Infinity)!
      expect(event.bytes).toBe(Buffer.byteLength(event.text))
      expect(JSON.parse(event.text)).toMatchObject({ sequence: 1, type: 'agent_thinking', data: { text } })
    })
  }

  it('uses up no number for an event that is too large', () => {
    const writer = newWriter()
    expect(writer.write('agent_thinking', '{"text":"x"}', 10)).toBeUndefined()
    expect(writer.write('agent_thinking', '{"text":"x"}', 1_000)?.sequence).toBe(1)
  })

  it('says the time of each event, also when it repeats the type', async () => {
    const writer = newWriter()
    const before = Date.now()
    const first = writer.write('agent_thinking', '{"text":"x"}', 1_000)!
    await new Promise((resolve) => setTimeout(resolve, 5))
    const second = writer.write('agent_thinking', '{"text":"x"}', 1_000)!
    const [one, two] = [first, second].map(({ text }) =>
      Date.parse((JSON.parse(text) as { timestamp: string }).timestamp),
    )
    expect(one).toBeGreaterThanOrEqual(before)
    expect(two).toBeGreaterThan(one!)
  })
})
