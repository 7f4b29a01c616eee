/**
 * Where an error was thrown, for the log of a developer.
 */

/** One call of a stack of V8: its file, line and column, with the name of the function or without. */
const call = /^ {4}at (?:.*? \()?(\S.*:\d+:\d+)\)?$/
/** Code of the platform or of a library: the bug is in who called it. */
const foreign = /^node:|[/\\]node_modules[/\\]/

/**
 * File, line and column of the code of the app that threw, else of whatever did; undefined when the error does not say.
 * Never its message, which may quote what a user sent: a line of the message that looks like a call is none.
 */
export const placeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return undefined
  const { message, stack } = error
  const begin = stack.indexOf(message)
  // A message that was changed since stands there as it was: nobody knows where it ends.
  if (begin < 0) return undefined
  const lines = stack.slice(begin + message.length).split('\n')
  const places = lines.flatMap((line) => call.exec(line)?.[1] ?? [])
  return places.find((place) => !foreign.test(place)) ?? places[0]
}
