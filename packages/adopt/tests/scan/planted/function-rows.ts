// Functions that take a context, given to something that may call them with anything.
import { mark, type Row } from './rows.ts'

/** The same code with a function that takes a context, and with one that takes anything. */
const row = (name: string, code: string): Row => ({
  name,
  violator: `${code.replaceAll('@', '$s.run').replaceAll('^', '(c: $T) => c.userId')} ${mark}`,
  twin: code.replaceAll('@', '$s.log').replaceAll('^', '(c: unknown) => String(c)'),
})

export const functionRows: readonly Row[] = [
  row('a function cast to any, in a variable', `export const m = @ as any`),
  row('a function cast to any, in an object', `export const m = { handle: @ as any }`),
  row('a function cast to any, returned', `export const m = () => @ as any`),
  row('a function cast to any, called by name', `export const m = (@ as any).call(undefined, $s.body)`),
  row('a function cast to Function', `export const m = @ as Function`),
  row('a function cast twice to one that takes anything', `export const m = @ as unknown as (c: unknown) => string`),
  row('a function cast twice to any list', `export const m = @ as any as (...all: unknown[]) => string`),
  row('a function written for an any', `$s.load().on('message', ^)`),
  row('a function written for an any that is called', `$s.load()(^)`),
  row('a function written for an any that is made', `export const m = new ($s.load())(^)`),
  row('a function written for a parameter without a type', `$s.keepAny(^)`),
  row('a function written for a Function', `$s.keepFunction('message', ^)`),
  row('an async function written for an any', `$s.load().on('message', async ^)`),
]

export const functionInnocent: readonly (readonly [name: string, text: string])[] = [
  ['a mock of a function that takes a context', `;($s.run as any).mockReturnValue('x')`],
  ['a property of a function', `export const m = ($s.run as any).displayName`],
  ['a function in a log', `$s.log($s.run)`],
  ['a function for one that calls it with a context', `$s.onContext((c: $T) => c.userId)`],
  ['a function that stands alone', `export const m = (c: $T) => c.userId`],
]
