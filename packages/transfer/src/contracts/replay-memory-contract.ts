/**
 * What every replay memory must do, as cases that any test runner can run.
 */
import type { ReplayClaim, ReplayMemory } from '../replay/replay-memory.ts'

/** One behaviour: a sentence, and a check that rejects with what was found instead. */
export type ContractCase = { readonly name: string; readonly run: () => Promise<void> }

/**
 * The cases for a replay memory.
 *
 * @param openMemory - Gives an empty memory, or one whose texts other cases do not use: each case makes ids of its own.
 * @example
 * ```ts
 * import { inProcessReplayMemory } from '@user-execution-context/transfer'
 * import { replayMemoryContract } from '@user-execution-context/transfer/contracts'
 *
 * for (const { run } of replayMemoryContract(() => inProcessReplayMemory())) await run()
 * ```
 */
export const replayMemoryContract = (
  openMemory: () => ReplayMemory | Promise<ReplayMemory>,
): readonly ContractCase[] => {
  const newCase = (name: string, run: (memory: ReplayMemory, textId: string, untilMs: number) => Promise<void>) => ({
    name,
    run: async () => run(await openMemory(), crypto.randomUUID(), Date.now() + 60_000),
  })
  return [
    newCase('lets the first attempt in', async (memory, textId, untilMs) => {
      expectClaim(await memory.claim(textId, 'job-1', untilMs), 'claimed')
    }),
    newCase('lets the same attempt in again until it completes', async (memory, textId, untilMs) => {
      await memory.claim(textId, 'job-1', untilMs)
      expectClaim(await memory.claim(textId, 'job-1', untilMs), 'claimed')
      await memory.complete(textId, 'job-1')
      expectClaim(await memory.claim(textId, 'job-1', untilMs), 'used')
    }),
    newCase('refuses another attempt, before and after the first completes', async (memory, textId, untilMs) => {
      await memory.claim(textId, 'job-1', untilMs)
      expectClaim(await memory.claim(textId, 'job-2', untilMs), 'used')
      await memory.complete(textId, 'job-1')
      expectClaim(await memory.claim(textId, 'job-2', untilMs), 'used')
    }),
    newCase('lets exactly one of many attempts in that claim at the same time', async (memory, textId, untilMs) => {
      const claims = Array.from({ length: 20 }, async (_, index) => memory.claim(textId, `job-${index}`, untilMs))
      const claimed = (await Promise.all(claims)).filter((outcome) => outcome === 'claimed')
      if (claimed.length !== 1) throw new Error(`${claimed.length} attempts were let in, instead of 1`)
    }),
    newCase('lets no other attempt complete a text', async (memory, textId, untilMs) => {
      await memory.claim(textId, 'job-1', untilMs)
      await memory.complete(textId, 'job-2')
      expectClaim(await memory.claim(textId, 'job-1', untilMs), 'claimed')
    }),
    newCase('takes a second completion, and one of a text that nobody claimed', async (memory, textId, untilMs) => {
      await memory.complete(textId, 'job-1')
      expectClaim(await memory.claim(textId, 'job-1', untilMs), 'claimed')
      await memory.complete(textId, 'job-1')
      await memory.complete(textId, 'job-1')
      expectClaim(await memory.claim(textId, 'job-1', untilMs), 'used')
    }),
    newCase('keeps texts apart whose ids and attempts run together', async (memory, textId, untilMs) => {
      await memory.claim(`${textId}:a`, 'b', untilMs)
      expectClaim(await memory.claim(textId, 'a:b', untilMs), 'claimed')
      expectClaim(await memory.claim(`${textId}:a`, 'B', untilMs), 'used')
    }),
    newCase('remembers a text until its end, also among many others', async (memory, textId, untilMs) => {
      await memory.claim(textId, 'job-1', untilMs)
      for (let index = 0; index < 100; index++) await memory.claim(crypto.randomUUID(), 'job-1', untilMs)
      expectClaim(await memory.claim(textId, 'job-2', untilMs), 'used')
    }),
  ]
}

function expectClaim(actual: ReplayClaim, expected: ReplayClaim): void {
  if (actual !== expected) throw new Error(`The claim came to ${String(actual)}, instead of ${expected}`)
}
