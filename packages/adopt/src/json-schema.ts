/**
 * Checks a value against a JSON schema: the keywords that this package's own schemas use, and no others.
 * One schema serves editors and the command, so they cannot disagree.
 */

/** A schema, as read from a `*.schema.json` file. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Everything that does not hold, as `path: what is wrong`. Empty when the value fits. */
export const findSchemaIssues = (
  value: unknown,
  schema: JsonSchema,
  rootSchema: JsonSchema = schema,
  path = '',
): readonly string[] => {
  if (typeof schema['$ref'] === 'string')
    return findSchemaIssues(value, resolve(schema['$ref'], rootSchema), rootSchema, path)
  const unknownKeyword = Object.keys(schema).find((keyword) => !keywords.has(keyword))
  if (unknownKeyword !== undefined) return [`${at(path)}the schema uses ${unknownKeyword}, which is not checked here`]
  const allowed = schema['type'] === undefined ? undefined : [schema['type']].flat()
  if (allowed && !allowed.some((type) => hasType(value, type))) return [`${at(path)}must be ${allowed.join(' or ')}`]
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value))
    return [`${at(path)}must be one of ${schema['enum'].join(', ')}`]
  if ('const' in schema && schema['const'] !== value) return [`${at(path)}must be ${JSON.stringify(schema['const'])}`]
  return [
    ...sizeIssues(value, schema, path),
    ...itemIssues(value, schema, rootSchema, path),
    ...propertyIssues(value, schema, rootSchema, path),
  ]
}

const keywords = new Set([
  '$schema',
  '$id',
  '$defs',
  'title',
  'description',
  'type',
  'enum',
  'const',
  'minLength',
  'minItems',
  'minimum',
  'items',
  'prefixItems',
  'properties',
  'required',
  'additionalProperties',
])

const at = (path: string): string => (path === '' ? '' : `${path}: `)

const hasType = (value: unknown, type: unknown): boolean => {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isObject(value)
  return typeof value === type
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const sizeIssues = (value: unknown, schema: JsonSchema, path: string): readonly string[] => {
  const { minLength, minItems, minimum } = schema
  if (typeof value === 'string' && typeof minLength === 'number' && value.length < minLength)
    return [`${at(path)}must not be empty`]
  if (Array.isArray(value) && typeof minItems === 'number' && value.length < minItems)
    return [`${at(path)}needs at least ${minItems} item`]
  return typeof value === 'number' && typeof minimum === 'number' && value < minimum
    ? [`${at(path)}must be at least ${minimum}`]
    : []
}

const itemIssues = (value: unknown, schema: JsonSchema, rootSchema: JsonSchema, path: string): readonly string[] => {
  if (!Array.isArray(value)) return []
  const first = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : []
  return value.flatMap((item: unknown, index) => {
    const one: unknown = first[index] ?? schema['items']
    return isObject(one) ? findSchemaIssues(item, one, rootSchema, `${path}[${index}]`) : []
  })
}

const propertyIssues = (
  value: unknown,
  schema: JsonSchema,
  rootSchema: JsonSchema,
  path: string,
): readonly string[] => {
  if (!isObject(value)) return []
  const known = isObject(schema['properties']) ? schema['properties'] : {}
  const rest = schema['additionalProperties']
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly string[]) : []
  const missing = required.filter((key) => !Object.hasOwn(value, key)).map((key) => `${at(path)}${key} is missing`)
  const wrong = Object.entries(value).flatMap(([key, item]) => {
    const one: unknown = Object.hasOwn(known, key) ? known[key] : rest
    const itsPath = path === '' ? key : `${path}.${key}`
    if (one === false) return [`${itsPath}: is not an option. Options here: ${Object.keys(known).join(', ')}`]
    return isObject(one) ? findSchemaIssues(item, one, rootSchema, itsPath) : []
  })
  return [...missing, ...wrong]
}

const resolve = (reference: string, rootSchema: JsonSchema): JsonSchema => {
  const found = reference
    .split('/')
    .slice(1)
    .reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), rootSchema)
  if (!isObject(found)) throw new Error(`The schema refers to ${reference}, which it does not hold.`)
  return found
}
