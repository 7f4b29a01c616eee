import { DBOS } from '@dbos-inc/dbos-sdk'
import type { LiveSessions, UserExecutionContext } from 'user-execution-context'
import { openSealed, sealContext, type Opener, type Sealer } from '@user-execution-context/transfer'

type Parts = { readonly opener: Opener; readonly sessions: LiveSessions }
type Report = {
  readonly write: (context: UserExecutionContext, payload: string) => Promise<string>
  readonly send: (context: UserExecutionContext, text: string) => Promise<string>
}

const hop = { audience: 'workflows', purpose: 'send-report' }
const bytes = (text: string) => new TextEncoder().encode(text)
const bindTo = (workflowId: string, payload: string) => [bytes(workflowId), bytes(payload)]

/** Each step opens the text anew: also after a crash, and not once the user was signed out. No step gives a context. */
export const registerReports = (parts: Parts, { write, send }: Report) =>
  DBOS.registerWorkflow(
    async (sealed: string, payload: string) => {
      const bind = bindTo(DBOS.workflowID!, payload)
      const open = () => openSealed(sealed, { ...hop, ...parts, bind })
      const text = await DBOS.runStep(async () => write(await open(), payload), { name: 'write' })
      return DBOS.runStep(async () => send(await open(), text), { name: 'send' })
    },
    { name: 'report' },
  )

/** Starts a workflow for a user. The text is bound to the id and the input of this workflow. */
export const startReport = async (
  reports: ReturnType<typeof registerReports>,
  context: UserExecutionContext,
  sealer: Sealer,
  payload: string,
) => {
  const workflowID = crypto.randomUUID()
  const sealed = await sealContext(context, { ...hop, sealer, ttlMs: 86_400_000, bind: bindTo(workflowID, payload) })
  return DBOS.startWorkflow(reports, { workflowID })(sealed, payload)
}
