/**
 * The part of JSON Schema (2020-12) that the wire needs, and the TypeScript type that a schema describes, so
 * that schema, type and run-time check have one source.
 */
import type { FrozenJson } from 'user-execution-context'

/** A schema of the subset that {@link TypeOf} and wireCheck() understand. */
export type WireSchema =
  | WireObject
  | { readonly oneOf: readonly WireSchema[]; readonly title?: string; readonly description?: string }
  | { readonly const: string | number | boolean; readonly description?: string }
  | { readonly enum: readonly string[]; readonly description?: string }
  | {
      readonly type: 'string'
      readonly minLength?: number
      readonly maxLength?: number
      readonly format?: string
      readonly description?: string
    }
  | { readonly type: 'integer'; readonly minimum?: number; readonly description?: string }
  | { readonly type: 'boolean'; readonly description?: string }
  | { readonly description: string }

/** A closed object: keys that it does not name are refused. */
export type WireObject = {
  readonly type: 'object'
  readonly properties: { readonly [key: string]: WireSchema }
  readonly required: readonly string[]
  readonly additionalProperties: false
  readonly description?: string
}

/** The TypeScript type of the values that a schema accepts. A schema that says nothing accepts any JSON. */
export type TypeOf<Schema> = Schema extends { readonly oneOf: readonly (infer Option)[] }
  ? TypeOf<Option>
  : Schema extends { readonly const: infer Value }
    ? Value
    : Schema extends { readonly enum: readonly (infer Value)[] }
      ? Value
      : Schema extends { readonly type: 'string' }
        ? string
        : Schema extends { readonly type: 'integer' }
          ? number
          : Schema extends { readonly type: 'boolean' }
            ? boolean
            : Schema extends {
                  readonly type: 'object'
                  readonly properties: infer Properties
                  readonly required: readonly (infer Required)[]
                }
              ? Flat<
                  {
                    readonly [Key in keyof Properties as Key extends Required ? Key : never]: TypeOf<Properties[Key]>
                  } & {
                    readonly [Key in keyof Properties as Key extends Required ? never : Key]?: TypeOf<Properties[Key]>
                  }
                >
              : FrozenJson

/** One object type out of an intersection, so that editors show its keys. */
type Flat<Value> = { [Key in keyof Value]: Value[Key] }
