import { describe, expect, it } from 'vitest'
import { EnvelopeWriter, IsoClock } from '../../../src/phases/execution/envelope-writer.ts'
import { newContext } from '../run-agent.ts'

describe('EnvelopeWriter', () => {
  for (const text of ['', 'plain', 'é', '日本語', '😀', '"\\\n\u2028', '\ud800']) {
    it(`counts the bytes of ${JSON.stringify(text)} on the wire`, () => {
      const event = new EnvelopeWriter(newContext(), new IsoClock()).write(
        'agent_thinking',
        JSON.stringify({ text }),
        Infinity,
      )!
      expect(event.bytes).toBe(Buffer.byteLength(event.text))
      expect(JSON.parse(event.text)).toMatchObject({ sequence: 1, type: 'agent_thinking', data: { text } })
    })
  }

  it('uses up no number for an event that is too large', () => {
    const writer = new EnvelopeWriter(newContext(), new IsoClock())
    expect(writer.write('agent_thinking', '{"text":"x"}', 10)).toBeUndefined()
    expect(writer.write('agent_thinking', '{"text":"x"}', 1_000)?.sequence).toBe(1)
  })

  it('says the time of each event, also when it repeats the type', async () => {
    const writer = new EnvelopeWriter(newContext(), new IsoClock())
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
