/**
 * Floor 6. Checks a value against a schema of the wire: the same object that is exported as JSON Schema and that the
 * TypeScript types are made of.
 */
import { toPath, type Issue } from '../errors/issue.ts'
import { isPlainObject } from '../facts/json-copy.ts'
import type { WireObject, WireSchema } from './wire-schema.ts'

/** Everything that does not fit, with path and kind and without the value. Empty when the value fits. */
export const findWireIssues = (value: unknown, schema: WireSchema, path = ''): readonly Issue[] => {
  if ('oneOf' in schema) return findOptionIssues(value, schema.oneOf, path)
  if ('const' in schema) return value === schema.const ? [] : [{ path, kind: value === undefined ? 'missing' : 'does not fit' }]
  if ('enum' in schema) return schema.enum.some((option) => option === value) ? [] : [{ path, kind: 'does not fit' }]
  if (!('type' in schema)) return value === undefined ? [{ path, kind: 'missing' }] : []
  switch (schema.type) {
    case 'object':
      return findObjectIssues(value, schema, path)
    case 'string':
      if (typeof value !== 'string') return [{ path, kind: 'not a string' }]
      if (value.length < (schema.minLength ?? 0)) return [{ path, kind: 'empty' }]
      return value.length > (schema.maxLength ?? Infinity) ? [{ path, kind: 'too long' }] : []
    case 'integer':
      if (!Number.isSafeInteger(value)) return [{ path, kind: 'not a number' }]
      return (value as number) < (schema.minimum ?? -Infinity) ? [{ path, kind: 'too small' }] : []
    case 'boolean':
      return typeof value === 'boolean' ? [] : [{ path, kind: 'not a boolean' }]
  }
}

// The options differ by the constant in `type`: the faults of the option that is meant say more than "none fits".
function findOptionIssues(value: unknown, options: readonly WireSchema[], path: string): readonly Issue[] {
  if (!isPlainObject(value)) return [{ path, kind: 'not a plain object' }]
  const meant = options.find((option) => {
    const tag = 'properties' in option ? option.properties['type'] : undefined
    return tag !== undefined && 'const' in tag && tag.const === value['type']
  })
  return meant === undefined ? [{ path: toPath(path, 'type'), kind: 'does not fit' }] : findWireIssues(value, meant, path)
}

function findObjectIssues(value: unknown, schema: WireObject, path: string): readonly Issue[] {
  if (!isPlainObject(value)) return [{ path, kind: 'not a plain object' }]
  const issues: Issue[] = []
  for (const [position, key] of Object.keys(value).entries()) {
    if (!Object.hasOwn(schema.properties, key)) issues.push({ path: toPath(path, key, position), kind: 'unknown key' })
  }
  for (const [key, property] of Object.entries(schema.properties)) {
    const isPresent = Object.hasOwn(value, key)
    if (isPresent) issues.push(...findWireIssues(value[key], property, toPath(path, key)))
    else if (schema.required.includes(key)) issues.push({ path: toPath(path, key), kind: 'missing' })
  }
  return issues
}
