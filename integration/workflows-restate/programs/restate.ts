import { service, TerminalError, type Context } from '@restatedev/restate-sdk'
import { isContextError, toClientAnswer, type LiveSessions, type UserExecutionContext } from 'user-execution-context'
import { openSealed, sealContext, type Opener, type Sealer } from '@user-execution-context/transfer'

type Parts = { readonly opener: Opener; readonly sessions: LiveSessions }
type Input = { readonly id: string; readonly sealed: string; readonly payload: string }
type Report = {
  readonly write: (context: UserExecutionContext, payload: string) => Promise<string>
  readonly send: (context: UserExecutionContext, text: string) => Promise<string>
}

const hop = { audience: 'workflows', purpose: 'send-report' }
const bytes = (text: string) => new TextEncoder().encode(text)

/** What is refused stays refused: Restate would try it again without end. */
const orTerminal = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    if (!isContextError(error)) throw error
    const { message, httpStatus } = toClientAnswer(error)
    throw new TerminalError(message, { errorCode: httpStatus })
  }
}

/** Each step opens the text anew: also after a crash, and not once the user was signed out. */
export const reportService = (parts: Parts, { write, send }: Report) =>
  service({
    name: 'reports',
    handlers: {
      report: async (restate: Context, { id, sealed, payload }: Input) => {
        const step = (name: string, work: (context: UserExecutionContext) => Promise<string>) =>
          restate.run(name, () =>
            orTerminal(async () =>
              work(await openSealed(sealed, { ...hop, ...parts, bind: [bytes(id), bytes(payload)] })),
            ),
          )
        const text = await step('write', (context) => write(context, payload))
        return step('send', (context) => send(context, text))
      },
    },
  })

/** The input of a workflow for a user. Send it with `id` as the idempotency key. */
export const toInput = async (context: UserExecutionContext, sealer: Sealer, payload: string): Promise<Input> => {
  const id = crypto.randomUUID()
  const bind = [bytes(id), bytes(payload)]
  return { id, payload, sealed: await sealContext(context, { ...hop, sealer, ttlMs: 86_400_000, bind }) }
}
