/**
 * The tools of an agent of the AI SDK: each acts for the user of the run, through a scope that no model can write.
 */
import type { FlexibleSchema, ToolSet } from 'ai'
import {
  isContextError,
  toClientAnswer,
  type ActorInput,
  type ChildAdditions,
  type JsonInput,
  type Scope,
} from 'user-execution-context'
import { callListener } from '../phases/call-listener.ts'
import type { RunWithContext } from '../phases/execution/ambient-agent.ts'

/** A tool that acts for the user of the run. */
export type AiSdkTool<Input> = {
  /** Tells the model when to use it. The model reads this. */
  readonly description: string
  /** A zod schema, or `jsonSchema()` of the AI SDK. The model's input is checked against it. */
  readonly inputSchema: FlexibleSchema<Input>
  /**
   * Does the work. `scope` is the tool's own: its context is a child of the run's, and it closes when this settles.
   * The input was written by the model: take ids of users and tenants from `scope.context` only.
   *
   * @returns JSON. The model reads it, and it is delivered to the user.
   */
  readonly execute: (scope: Scope, input: Input) => unknown
  /**
   * The rights that the tool needs: its context has those of them that the run has, and no other. Default: all rights
   * of the run.
   */
  readonly permissions?: readonly string[] | undefined
}

/**
 * Infers the input of a tool from its schema. @returns The same tool.
 *
 * @example
 * ```ts
 * import { jsonSchema } from 'ai'
 * import { aiSdkTool } from '@user-execution-context/golden-path/ai-sdk'
 *
 * export const today = aiSdkTool({
 *   description: 'The date of today.',
 *   inputSchema: jsonSchema<object>({ type: 'object', properties: {} }),
 *   execute: () => Promise.resolve(new Date().toISOString().slice(0, 10)),
 * })
 * ```
 */
export const aiSdkTool = <Input>(tool: AiSdkTool<Input>): AiSdkTool<Input> => tool

/** What a tool may have. */
export const toolKeys: readonly (keyof AiSdkTool<unknown>)[] = ['description', 'inputSchema', 'execute', 'permissions']

/** How the tools of an agent run. */
export type ToolOptions = {
  /** The tools by name. Default none. */
  // oxlint-disable-next-line no-explicit-any -- each tool has an input of its own
  readonly tools?: Readonly<Record<string, AiSdkTool<any>>> | undefined
  /**
   * Called with the error of a tool that threw. The model and the user read a fixed sentence instead. Default: none.
   */
  readonly onToolError?: ((scope: Scope, error: unknown) => void) | undefined
  /**
   * Who acts in the tools, such as `{ name: 'notes-assistant', kind: 'agent' }`: stands in their contexts, log fields
   * and audit records. A constant of your source. Default: nobody but the user.
   */
  readonly actor?: ActorInput | undefined
  /**
   * runWithContext() of `user-execution-context/ambient`: each tool runs with its own context ambient, and what it
   * calls refuses one with more rights. Default none.
   */
  readonly ambient?: RunWithContext | undefined
}

/**
 * The tools as the AI SDK takes them, each run in a child scope of its own.
 *
 * @param fail - Ends the run: called with an error of this package.
 */
export const toToolSet = (scope: Scope, options: ToolOptions, fail: (error: unknown) => void): ToolSet => {
  const toEntry = ([name, tool]: [string, AiSdkTool<unknown>]): [string, ToolSet[string]] => [
    name,
    {
      description: tool.description,
      inputSchema: tool.inputSchema,
      execute: async (input: unknown) => {
        const tell = (error: unknown): void =>
          callListener(
            () => options.onToolError?.(toolScope ?? scope, error),
            () => {},
          )
        let toolScope: Scope | undefined
        try {
          toolScope = scope.child(name, toAdditions(scope, tool, options))
          // What is no JSON is the tool's fault, and not the end of the run.
          return toJson(await execute(tool, toolScope, input, options))
        } catch (error) {
          // First, whatever becomes of the telling.
          if (isContextError(error)) fail(error)
          tell(error)
          return { error: toClientAnswer(error).message }
        } finally {
          // The tool has done its work: a model that hears of a failure does it again.
          await toolScope?.close().catch(tell)
        }
      },
    },
  ]
  // Without a prototype: a model may call "toString", and the SDK would find one.
  return Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(options.tools ?? {}).map(toEntry)),
  ) as ToolSet
}

function toAdditions({ context }: Scope, { permissions }: AiSdkTool<unknown>, { actor }: ToolOptions): ChildAdditions {
  return {
    ...(actor !== undefined && { actor }),
    ...(permissions !== undefined && { permissions: context.permissions.filter((one) => permissions.includes(one)) }),
  }
}

function execute(tool: AiSdkTool<unknown>, scope: Scope, input: unknown, { ambient }: ToolOptions): unknown {
  return ambient === undefined ? tool.execute(scope, input) : ambient(scope.context, () => tool.execute(scope, input))
}

/** A value as JSON: what JSON cannot hold is left out. */
export const toJson = (value: unknown): JsonInput => {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value) ?? 'null') as JsonInput)
}
