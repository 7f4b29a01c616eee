// Credentials to a user to a context, and what happens to whoever has none.
import { createForUser, identityProvider, isContextError, type UserExecutionContext } from 'user-execution-context'

const sessions = new Map([['cookie-of-ada', { userId: 'ada', permissions: ['notes'] }]])

// The place to audit: this function decides who somebody is.
const userOfCookie = identityProvider({ name: 'session', verify: (cookie: string) => sessions.get(cookie) })

const greet = (context: UserExecutionContext): string => `${context.userId} may use ${context.permissions.join(', ')}`

console.log(greet(createForUser(await userOfCookie('cookie-of-ada'))))

try {
  await userOfCookie('made-up')
} catch (error) {
  console.log('no session:', isContextError(error) && error.code)
}

try {
  // tsc refuses a string here; a cast stands for a caller in plain JavaScript.
  createForUser('ada' as never)
} catch (error) {
  console.log('a string:', isContextError(error) && error.code)
}
