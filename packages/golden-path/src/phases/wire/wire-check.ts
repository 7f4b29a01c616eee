/**
 * Makes the check of a schema of the wire: the same object that is exported as JSON Schema and that the
 * TypeScript types are made of. The schema is read once, when the check is made: on the way of every message it would
 * cost more than all else that a message needs.
 */
import { toIssuePath, type Issue } from 'user-execution-context'
import { isPlainObject } from './plain-object.ts'
import type { WireObject, WireSchema } from './wire-schema.ts'

/** Finds everything in a value that does not fit, with path and kind and without the value. Empty when it fits. */
export type WireCheck = (value: unknown) => readonly Issue[]

type Check = (value: unknown, issues: Issue[]) => void

/** The check of a schema. */
export const wireCheck = (schema: WireSchema): WireCheck => {
  const check = toCheck(schema, '')
  return (value) => {
    const issues: Issue[] = []
    check(value, issues)
    return issues
  }
}

function toCheck(schema: WireSchema, path: string): Check {
  if ('oneOf' in schema) return toOptionCheck(schema.oneOf, path)
  if ('const' in schema) {
    return (value, issues) => {
      if (value !== schema.const) issues.push({ path, kind: value === undefined ? 'missing' : 'does not fit' })
    }
  }
  if ('enum' in schema) {
    return (value, issues) => {
      if (!schema.enum.some((option) => option === value)) issues.push({ path, kind: 'does not fit' })
    }
  }
  if (!('type' in schema)) {
    return (value, issues) => {
      if (value === undefined) issues.push({ path, kind: 'missing' })
    }
  }
  switch (schema.type) {
    case 'object':
      return toObjectCheck(schema, path)
    case 'string': {
      const { minLength = 0, maxLength = Infinity } = schema
      return (value, issues) => {
        if (typeof value !== 'string') issues.push({ path, kind: 'not a string' })
        else if (value.length < minLength) issues.push({ path, kind: value === '' ? 'empty' : 'too small' })
        else if (value.length > maxLength) issues.push({ path, kind: 'too long' })
      }
    }
    case 'integer': {
      const { minimum = -Infinity } = schema
      return (value, issues) => {
        if (!Number.isSafeInteger(value)) issues.push({ path, kind: 'not a number' })
        else if ((value as number) < minimum) issues.push({ path, kind: 'too small' })
      }
    }
    case 'boolean':
      return (value, issues) => {
        if (typeof value !== 'boolean') issues.push({ path, kind: 'not a boolean' })
      }
  }
}

// The options differ by the constant in `type`: the faults of the option that is meant say more than "none fits".
function toOptionCheck(options: readonly WireSchema[], path: string): Check {
  const checks = new Map<unknown, Check>()
  for (const option of options) {
    const tag = 'properties' in option ? option.properties['type'] : undefined
    if (tag !== undefined && 'const' in tag) checks.set(tag.const, toCheck(option, path))
  }
  const typePath = toIssuePath(path, 'type')
  return (value, issues) => {
    if (!isPlainObject(value)) return void issues.push({ path, kind: 'not a plain object' })
    const check = checks.get(value['type'])
    if (check === undefined) issues.push({ path: typePath, kind: 'does not fit' })
    else check(value, issues)
  }
}

type PropertyCheck = {
  readonly key: string
  readonly path: string
  readonly isRequired: boolean
  readonly check: Check
}

function toObjectCheck({ properties, required }: WireObject, path: string): Check {
  const known = new Map(
    Object.entries(properties).map(([key, property]): [string, PropertyCheck] => {
      const propertyPath = toIssuePath(path, key)
      return [
        key,
        { key, path: propertyPath, isRequired: required.includes(key), check: toCheck(property, propertyPath) },
      ]
    }),
  )
  return (value, issues) => {
    if (!isPlainObject(value)) return void issues.push({ path, kind: 'not a plain object' })
    const keys = Object.keys(value)
    for (let position = 0; position < keys.length; position++) {
      const key = keys[position]!
      const property = known.get(key)
      // What a client or an agent made up is its data, and stays out of the log.
      if (property === undefined) issues.push({ path: toIssuePath(path, '', position), kind: 'unknown key' })
      else property.check(value[key], issues)
    }
    for (const property of known.values()) {
      if (property.isRequired && !Object.hasOwn(value, property.key))
        issues.push({ path: property.path, kind: 'missing' })
    }
  }
}
