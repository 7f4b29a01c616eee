/**
 * What a user of this package writes: an agent. It takes a scope and an input and yields events.
 */
import type { JsonInput, Scope } from 'user-execution-context'

/** What the user asked for. From the client: untrusted text, checked for length only. Do not log. */
export type AgentInput = {
  /** 1 to `inputCharacters` characters (see limits). */
  readonly text: string
  /**
   * Set for an agent that is resumable (see `resumable` of openGoldenPath()) when it is called again for a run whose
   * worker was lost: the text of the answer that readers have. What the agent yields now is added to it.
   */
  readonly resumed?: { readonly text: string } | undefined
}

/**
 * One step of a run, as an agent yields it. The executor adds everything else (version, sequence, time, thread, run,
 * request), so an agent cannot speak for another run.
 */
export type AgentEvent =
  /** A piece of reasoning, shown apart from the answer. */
  | { readonly type: 'agent_thinking'; readonly text: string }
  /** A piece of the answer. */
  | { readonly type: 'agent_message_delta'; readonly text: string }
  /** A tool call starts. The id is the agent's, unique in the run: 1 to 128 characters of the id alphabet. */
  | {
      readonly type: 'tool_executing'
      readonly toolCallId: string
      readonly toolName: string
      readonly input: JsonInput
    }
  /**
   * The same tool call has ended. One for each `tool_executing`; the executor closes those that an agent leaves open.
   */
  | {
      readonly type: 'tool_completed'
      readonly toolCallId: string
      readonly toolName: string
      readonly output: JsonInput
    }
  /** The answer is complete. Optional and last: without it the executor completes with the joined deltas. */
  | { readonly type: 'agent_completed'; readonly text?: string | undefined }

/**
 * An agent. Make child scopes with `scope.child('operation')` for sub-agents and tools, pass `scope.signal` to what you
 * await, free resources with `scope.defer()`. Keep no state outside of the call: one agent serves all users.
 *
 * @param scope - The lifetime of this run; `scope.context` says for whom.
 * @param input - From the client.
 */
export type Agent = (scope: Scope, input: AgentInput) => AsyncIterable<AgentEvent>
