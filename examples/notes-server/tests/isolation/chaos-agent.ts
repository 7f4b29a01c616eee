/**
 * An agent that behaves in every way an agent can, over real notes, a real audit trail and a real log.
 * `leak` plants one of the mistakes that mixed up users elsewhere, to show that the harness sees it.
 */
import { toLogFields, type AuditTrail, type Scope } from 'user-execution-context'
import type { Agent, AgentEvent } from '@user-execution-context/golden-path'
import type { Note, Notes } from '../../src/notes-agent/notes.ts'
import type { LogLine } from './find-leaks.ts'
import { randomFrom, sleep, type Random } from './random.ts'

/** How a run behaves: the first word of its input. */
export const behaviours = ['note', 'list', 'long', 'throw', 'hang', 'garbage', 'after-end', 'deaf'] as const
export type Behaviour = (typeof behaviours)[number]

/** A planted mistake. */
export type PlantedLeak = 'shared-default' | 'cache-without-user' | 'singleton-agent'

export type ChaosParts = {
  readonly notes: Notes
  readonly audit: AuditTrail
  readonly log: (line: LogLine & { readonly note: string }) => void
  readonly random: Random
  readonly leak: PlantedLeak | undefined
}

export const chaosAgent = ({ notes, audit, log, random, leak }: ChaosParts): Agent => {
  const sharedDefault = { note: '' } // planted: one default object for all runs
  const cache = new Map<string, readonly Note[]>() // planted: a cache without the user in its key
  let current: Scope | undefined // planted: an agent that keeps the run it works for

  const listNotes = async (scope: Scope): Promise<readonly Note[]> => {
    if (leak === 'cache-without-user') {
      const cached = cache.get('list')
      if (cached !== undefined && cached.length > 0) return cached
      cache.set('list', await notes.list(scope.context))
      return cache.get('list')!
    }
    return notes.list(leak === 'singleton-agent' ? current!.context : scope.context)
  }

  return async function* chaos(scope, { text }): AsyncGenerator<AgentEvent> {
    const [behaviour, canary] = text.split(' ') as [Behaviour, string]
    current = scope
    if (leak === 'shared-default') sharedDefault.note = canary
    const { userHash } = toLogFields(scope.context)
    log({ event: 'chaos', userHash, note: canary })
    await audit.record(scope.context, 'run-executing', { prompt: text })
    yield { type: 'agent_thinking', text: `thinking of ${leak === 'shared-default' ? sharedDefault.note : canary}` }
    await sleep(randomFrom(random, 0, 12))

    const tool = scope.child('notes', { agentContext: { canary } })
    const toolCallId = tool.context.requestId
    yield { type: 'tool_executing', toolCallId, toolName: behaviour, input: { canary } }
    if (behaviour === 'note') await notes.add(tool.context, `a note of ${canary}`)
    const found = await listNotes(tool)
    log({ event: 'tool', ...toLogFields(tool.context), note: canary })
    const texts = found.slice(-3).map((note) => note.text)
    yield {
      type: 'tool_completed',
      toolCallId,
      toolName: behaviour,
      output: [...texts, leak === 'shared-default' ? sharedDefault.note : canary],
    }
    await tool.close()

    switch (behaviour) {
      case 'throw':
        throw new Error(`a failure that quotes ${canary}`)
      case 'hang':
        return await new Promise<never>((_, reject) =>
          scope.signal.addEventListener('abort', () => reject(scope.signal.reason)),
        )
      case 'deaf':
        // Ignores its signal; only the server can end this run.
        return await new Promise<never>(() => undefined)
      case 'garbage':
        yield { type: 'agent_started', text: canary } as never
        yield { type: 'agent_message_delta', text: 42 } as never
        return
      case 'long':
        for (let piece = 0; piece < 30; piece++) {
          yield { type: 'agent_message_delta', text: `${canary} ${'x'.repeat(1500)}` }
          if (piece % 10 === 0) await sleep(1)
        }
        return
      case 'after-end':
        yield { type: 'agent_completed', text: canary }
        yield { type: 'agent_message_delta', text: `too late ${canary}` }
        return
      default:
        yield { type: 'agent_message_delta', text: `done with ${canary}` }
        await sleep(randomFrom(random, 0, 12))
        yield { type: 'agent_completed', text: texts.join('; ') }
    }
  }
}
