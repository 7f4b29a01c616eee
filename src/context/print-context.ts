/**
 * How a context prints in Node and as text: its log fields, and of a copy that it is one. A printer never throws.
 */
import { redact, type Printed } from './log-fields.ts'

/** How a copy prints: what was spread onto its prototype, an heir, a proxy. */
export const copyText = '[copy of a UserExecutionContext]'

/** What a template string shows of a real context. */
export const toText = (context: Printed): string => `UserExecutionContext ${JSON.stringify(redact(context))}`

type Inspect = (value: unknown, options: object) => string
type Inspector = (this: Printed, depth: number, options: object, inspect?: Inspect) => string

/** What util.inspect() calls. Node hands its own inspect() over, so that the core imports nothing of Node. */
export const toInspector = (isReal: (value: unknown) => boolean): Inspector =>
  function (this: Printed, _depth, options, inspect = (value) => JSON.stringify(value)) {
    return isReal(this) ? `UserExecutionContext ${inspect(redact(this), options)}` : copyText
  }
