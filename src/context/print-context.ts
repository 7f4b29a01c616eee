/**
 * How a context prints in Node and as text: its log fields, and of a copy that it is one. A printer never throws.
 */
import type { ContextLogFields } from './log-fields.ts'

/** How a copy prints: what was spread onto its prototype, an heir, a proxy. */
export const copyText = '[copy of a UserExecutionContext]'

/** What a template string shows of a real context. */
export const toText = (fields: ContextLogFields): string => `UserExecutionContext ${JSON.stringify(fields)}`

type Inspect = (value: unknown, options: object) => string
/** What this file needs of a context: the class is frozen, so the method is its own. */
type Printing = { toJSON(): ContextLogFields }
type Inspector = (this: Printing, depth: number, options: object, inspect?: Inspect) => string

/** What util.inspect() calls. Node hands its own inspect() over, so that the core imports nothing of Node. */
export const toInspector = (isReal: (value: unknown) => boolean): Inspector =>
  function (this: Printing, _depth, options, inspect = (value) => JSON.stringify(value)) {
    return isReal(this) ? `UserExecutionContext ${inspect(this.toJSON(), options)}` : copyText
  }
