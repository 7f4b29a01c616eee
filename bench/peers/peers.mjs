// Validation libraries, each with the same schema: two ids of our grammar and two records, `shallow` with any values,
// `deep` with plain JSON. A check gives the input back or throws.
const id = /^[A-Za-z0-9!#$%&()+,\-.:;=?@[\]^_{|}~]{1,128}$/

export const peers = {
  async 'ajv'() {
    const { default: Ajv } = await import('ajv')
    const toCheck = (record) => {
      const validate = new Ajv().compile({
        $defs: {
          json: {
            anyOf: [
              { type: ['string', 'number', 'boolean', 'null'] },
              { type: 'array', items: { $ref: '#/$defs/json' } },
              { type: 'object', additionalProperties: { $ref: '#/$defs/json' } },
            ],
          },
        },
        ...toJsonSchema(record),
      })
      return (input) => (validate(input) ? input : refuse())
    }
    return {
      shallow: toCheck({ type: 'object' }),
      deep: toCheck({ type: 'object', additionalProperties: { $ref: '#/$defs/json' } }),
    }
  },
  async 'typebox'() {
    const { Type } = await import('typebox')
    const { Compile } = await import('typebox/compile')
    const toCheck = (record) => {
      const text = () => Type.String({ pattern: id.source })
      const schema = Type.Object(
        { threadId: text(), runId: text(), agentContext: record, auditMetadata: record },
        { additionalProperties: false },
      )
      const validator = Compile(schema)
      return (input) => (validator.Check(input) ? input : refuse())
    }
    const Json = Type.Cyclic(
      {
        Json: Type.Union([
          Type.String(),
          Type.Number(),
          Type.Boolean(),
          Type.Null(),
          Type.Array(Type.Ref('Json')),
          Type.Record(Type.String(), Type.Ref('Json')),
        ]),
      },
      'Json',
    )
    return {
      shallow: toCheck(Type.Record(Type.String(), Type.Unknown())),
      deep: toCheck(Type.Record(Type.String(), Json)),
    }
  },
  async 'arktype'() {
    const { scope, type } = await import('arktype')
    const { json } = scope({ json: 'string | number | boolean | null | json[] | { [string]: json }' }).export()
    const toCheck = (record) => {
      const check = type({
        '+': 'reject',
        'threadId': id,
        'runId': id,
        'agentContext': record,
        'auditMetadata': record,
      })
      return (input) => {
        const output = check(input)
        return output instanceof type.errors ? refuse() : output
      }
    }
    return { shallow: toCheck('Record<string, unknown>'), deep: toCheck(type({ '[string]': json })) }
  },
  async 'valibot'() {
    const v = await import('valibot')
    const json = v.lazy(() =>
      v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(json), v.record(v.string(), json)]),
    )
    const toCheck = (record) => {
      const text = v.pipe(v.string(), v.regex(id))
      const schema = v.strictObject({ threadId: text, runId: text, agentContext: record, auditMetadata: record })
      return (input) => v.parse(schema, input)
    }
    return { shallow: toCheck(v.record(v.string(), v.unknown())), deep: toCheck(v.record(v.string(), json)) }
  },
  async 'zod'() {
    const { z } = await import('zod')
    const toCheck = (record) => {
      const text = z.string().regex(id)
      const schema = z.strictObject({ threadId: text, runId: text, agentContext: record, auditMetadata: record })
      return (input) => schema.parse(input)
    }
    return { shallow: toCheck(z.record(z.string(), z.unknown())), deep: toCheck(z.record(z.string(), z.json())) }
  },
  async 'effect'() {
    const { Schema } = await import('effect')
    const toCheck = (value) => {
      const text = Schema.String.check(Schema.isPattern(id))
      const record = Schema.Record(Schema.String, value)
      const schema = Schema.Struct({ threadId: text, runId: text, agentContext: record, auditMetadata: record })
      return Schema.decodeUnknownSync(schema, { onExcessProperty: 'error' })
    }
    return { shallow: toCheck(Schema.Unknown), deep: toCheck(Schema.Json) }
  },
  /** It has no schema of any JSON: a class whose fields are checked, and a walk of one's own for what they hold. */
  async 'class-validator'() {
    await import('reflect-metadata')
    const { IsObject, Matches, validateSync } = await import('class-validator')
    const { plainToInstance } = await import('class-transformer')
    class Run {}
    for (const key of ['threadId', 'runId']) Matches(id)(Run.prototype, key)
    for (const key of ['agentContext', 'auditMetadata']) IsObject()(Run.prototype, key)
    const shallow = (input) => {
      const run = plainToInstance(Run, input)
      return validateSync(run, { whitelist: true, forbidNonWhitelisted: true }).length === 0 ? run : refuse()
    }
    const deep = (input) => {
      const run = shallow(input)
      return isJson(input.agentContext) && isJson(input.auditMetadata) ? run : refuse()
    }
    return { shallow, deep }
  },
}

function toJsonSchema(record) {
  const text = { type: 'string', pattern: id.source }
  return {
    type: 'object',
    properties: { threadId: text, runId: text, agentContext: record, auditMetadata: record },
    required: ['threadId', 'runId', 'agentContext', 'auditMetadata'],
    additionalProperties: false,
  }
}

function isJson(value) {
  if (typeof value !== 'object' || value === null)
    return ['string', 'number', 'boolean'].includes(typeof value) || value === null
  return Object.values(value).every(isJson)
}

function refuse() {
  throw new Error('refused')
}
