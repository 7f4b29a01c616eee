/**
 * The input of a call as it came over the wire, beside what its schema made of it.
 *
 * A state is bound to what came: what a schema makes of it may be a Map, or a URL, of which two have no text that tells
 * them apart, and a schema that fills in the time of the call would make another input each round.
 */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'

/** Both forms of an input. */
export class WireInput {
  readonly wire: unknown
  readonly made: unknown

  constructor(wire: unknown, made: unknown) {
    this.wire = wire
    this.made = made
  }
}

/** Both forms of what the SDK gives to a handler; the same twice where no schema has changed it. */
export const toWireInput = (input: unknown): WireInput =>
  input instanceof WireInput ? input : new WireInput(input, input)

/** A schema that gives both forms. It describes itself to clients as the given one does. */
export const keepWire = <Schema extends StandardSchemaWithJSON | undefined>(schema: Schema): Schema => {
  if (schema === undefined) return schema
  const standard = schema['~standard']
  const validate = (wire: unknown) => {
    const result = standard.validate(wire)
    return result instanceof Promise ? result.then((settled) => pack(wire, settled)) : pack(wire, result)
  }
  return Object.create(schema, { '~standard': { value: { ...standard, validate }, enumerable: true } }) as Schema
}

type Result = Awaited<ReturnType<StandardSchemaWithJSON['~standard']['validate']>>

function pack(wire: unknown, result: Result): Result {
  return result.issues === undefined ? { value: new WireInput(wire, result.value) } : result
}
