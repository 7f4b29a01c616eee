import {
  createForUser,
  deriveChild,
  identityProvider,
  isUserExecutionContext,
  openScope,
  runInScope,
  type UserExecutionContext,
} from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { vouchForUser } from 'user-execution-context/restricted'

/** A re-export: `declaration: true` writes its type down. */
export const makeContext = createForUser
export const signIn = identityProvider({ name: 'session', verify: async (cookie: string) => ({ userId: cookie }) })

export const answer = async (): Promise<readonly unknown[]> => {
  const context: UserExecutionContext = makeContext(await signIn('auth0:5f7c'), { agentContext: { plan: 'pro' } })
  const depth: number = await runInScope(context, {}, async (scope) => scope.child('tool').context.depth)
  const operation = runWithContext(deriveChild(context, 'child'), () => currentContext().operation)
  const scope = openScope(createForUser(vouchForUser('user-1', { reason: 'consumer' })))
  await scope.close()
  return [isUserExecutionContext(context), depth, operation, isUserExecutionContext({ ...context })]
}

void answer().then((found) => console.log(JSON.stringify(found)))
