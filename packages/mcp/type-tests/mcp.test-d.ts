// Type tests: a handler gets a scope and what its schema gives, and never an `any`; only verified users are served.
import { expectAssignable, expectNotAssignable, expectType } from 'tsd'
import type { AuthInfo, InputRequiredResult, McpServerFactory } from '@modelcontextprotocol/server'
import type { FrozenJsonRecord, LiveSessions, Scope, UserExecutionContext, VerifiedUser } from 'user-execution-context'
import {
  contextOf,
  mcpContexts,
  type McpCall,
  type McpContexts,
  type McpContextsOptions,
} from '@user-execution-context/mcp'
import { z } from 'zod'

declare const server: McpContexts
declare const user: VerifiedUser
declare const context: UserExecutionContext
declare const identity: (token: string) => Promise<VerifiedUser>
declare const sessions: LiveSessions

server.registerTool(
  'a',
  { inputSchema: z.object({ text: z.string(), count: z.number().optional() }) },
  (scope, input, call) => {
    expectType<Scope>(scope)
    expectType<UserExecutionContext>(scope.context)
    expectType<{ text: string; count?: number | undefined }>(input)
    expectType<McpCall>(call)
    expectType<FrozenJsonRecord | undefined>(call.kept)
    expectType<{ yes: boolean } | undefined>(call.answer('sure', z.object({ yes: z.boolean() })))
    expectType<Promise<InputRequiredResult>>(call.ask({}))
    return 'text'
  },
)
server.registerTool('b', {}, (_scope, input) => {
  expectType<Readonly<Record<string, never>>>(input)
  return { content: [] }
})

const common = {
  identity,
  resource: 'https://notes.example.com/mcp',
  authorizationServers: ['https://id.example.com'],
  server: { name: 'notes', version: '1.0.0' },
}
expectType<McpContexts>(mcpContexts(common))
expectAssignable<McpContextsOptions>({ ...common, sessions })
// A user comes from an identity provider, and a registry from liveSessions().
expectNotAssignable<McpContextsOptions>({ ...common, identity: async () => ({ userId: 'alice' }) })
expectNotAssignable<McpContextsOptions>({ ...common, sessions: {} })
expectNotAssignable<McpContextsOptions>({ ...common, resource: undefined })
// The check of states is not replaced.
expectNotAssignable<McpContextsOptions>({ ...common, serverOptions: { requestState: { verify: () => undefined } } })

expectType<McpServerFactory>(server.factoryFor(user))
expectNotAssignable<Parameters<McpContexts['factoryFor']>[0]>({ userId: 'alice' })
expectNotAssignable<Parameters<McpContexts['factoryFor']>[0]>(context)
expectNotAssignable<Parameters<McpContexts['notify']>[0]>({} as Pick<UserExecutionContext, keyof UserExecutionContext>)
expectType<Promise<AuthInfo>>(server.verifier.verifyAccessToken('token'))
expectType<UserExecutionContext>(contextOf({}))
