// The services that violators and their repaired twins call. It compiles.
import {
  identityProvider,
  type RunId,
  type ThreadId,
  type UserExecutionContext,
  type UserId,
} from 'user-execution-context'

/** A service: it takes a context and the text of a message. */
export declare function runAgent(context: UserExecutionContext, text: string): Promise<string>
/** A service deep inside: it takes a user id and a text. */
export declare function saveNote(userId: UserId, text: string): void
/** An error handler. */
export declare function reportFailure(context: UserExecutionContext, error: unknown): void

/** A request as it comes from a client. */
export declare const request: {
  readonly headers: Readonly<Record<string, string>>
  readonly body: {
    readonly userId: string
    readonly threadId: ThreadId
    readonly runId: RunId
    readonly text: string
    readonly reason: string
  }
}

/** The one way to a user. */
export const signIn = identityProvider({ name: 'session', verify: (cookie: string) => ({ userId: cookie }) })
/** A user who has signed in. */
export const user = await signIn('user-1')
