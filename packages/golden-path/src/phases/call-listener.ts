/**
 * Calls a function that somebody gave only to be told.
 */
import { isPending } from './ports/awaitable.ts'

/**
 * Calls, and takes what the call throws. An async function fits a type that returns nothing: its rejection is taken
 * too, because an unhandled one ends the process, with the runs of all users.
 */
export const callListener = (call: () => unknown, onFailure: (error: unknown) => void): void => {
  try {
    const answer = call()
    if (isPending(answer)) answer.then(undefined, onFailure)
  } catch (error) {
    onFailure(error)
  }
}
