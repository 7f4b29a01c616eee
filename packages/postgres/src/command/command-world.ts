/**
 * What a command sees of its process, and how it says that something failed.
 */
import { isContextError } from 'user-execution-context'

/** What the command sees of the process. */
export type CommandWorld = {
  readonly stdout: { readonly write: (text: string) => unknown }
  readonly stderr: { readonly write: (text: string) => unknown }
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Says what failed. Gives the exit code. */
export const complain = (error: unknown, { stderr }: CommandWorld): number => {
  // The driver's messages name hosts and roles, and no password.
  stderr.write(
    `${error instanceof Error && error.message !== '' ? error.message : 'The database cannot be reached.'}\n`,
  )
  if (isContextError(error) && error.cause instanceof Error) stderr.write(`${error.cause.message}\n`)
  return 1
}
