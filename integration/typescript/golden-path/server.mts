import { createServer } from 'node:http'
import { identityProvider } from 'user-execution-context'
import { openGoldenPathServer, type GoldenPathServer } from '@user-execution-context/golden-path/server'

const identity = identityProvider({ name: 'cookie', verify: (cookie: string) => ({ userId: cookie }) })

export async function listen(): Promise<GoldenPathServer> {
  const goldenPath = await openGoldenPathServer({
    agent: async function* (scope, { text }) {
      yield { type: 'agent_message_delta', text: `${scope.context.threadId}: ${text}` }
    },
    identity,
    onError: (error, { event }) => console.error(event, error),
  })
  createServer(goldenPath.handleRequest).on('upgrade', goldenPath.handleUpgrade).listen(process.env['PORT'])
  return goldenPath
}
