// Texts of small programs for runProgram(): a class or a type of contexts, and one place that makes a value of it.
export const show = 'export const show = (c: RequestContext): string => [c.userId, c.threadId, c.runId].join()\n'

/** A class with the three ids. `more` are lines of members. */
export const classOf = (more: string, base = ''): string => `export class RequestContext${base} {
  constructor(public readonly userId: string, public readonly threadId: string, public readonly runId: string) {${
    base === '' ? '' : ' super() '
  }}
${more}}
${show}`

export const made = "new RequestContext(userId, 'thread_1', 'run_1')"
export const written = "{ userId, threadId: 'thread_1', runId: 'run_1' }"

/** `lines` stand behind `const c: RequestContext = value`, `more` before the function. */
export const program = (value: string, lines: string, more = ''): string =>
  `import { RequestContext, show } from './context.js'
${more}export const handle = (userId: string): unknown => {
  const c: RequestContext = ${value}
  ${lines}
}
`

/** An interface with the three ids and more fields, each as a line. */
export const typeOf = (more: string): string =>
  `export interface RequestContext {\n  userId: string\n  threadId: string\n  runId: string\n${more}}\n`

/** As program(), of a type that is no value. */
export const typedProgram = (lines: string, more = '', value = written): string =>
  program(value, lines, more).replace('RequestContext, show', 'type RequestContext')
