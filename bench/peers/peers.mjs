// Validation libraries, each with one schema: two ids of our grammar and two records of any values, no other key. A
// check gives the input or throws. None copies or freezes what is in a record.
const id = /^[A-Za-z0-9!#$%&()+,\-.:;=?@[\]^_{|}~]{1,128}$/
const permission = /^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/

export const peers = {
  async 'ajv'() {
    const { default: Ajv } = await import('ajv')
    const text = { type: 'string', pattern: id.source }
    const properties = {
      threadId: text,
      runId: text,
      agentContext: { type: 'object' },
      auditMetadata: { type: 'object' },
    }
    const required = Object.keys(properties)
    const validate = new Ajv().compile({ type: 'object', properties, required, additionalProperties: false })
    return (input) => (validate(input) ? input : refuse())
  },
  async 'typebox'() {
    const { Type } = await import('typebox')
    const { Compile } = await import('typebox/compile')
    const text = Type.String({ pattern: id.source })
    const record = Type.Record(Type.String(), Type.Unknown())
    const fields = { threadId: text, runId: text, agentContext: record, auditMetadata: record }
    const validator = Compile(Type.Object(fields, { additionalProperties: false }))
    return (input) => (validator.Check(input) ? input : refuse())
  },
  async 'arktype'() {
    const { type } = await import('arktype')
    const record = type('Record<string, unknown>')
    const check = type({ '+': 'reject', 'threadId': id, 'runId': id, 'agentContext': record, 'auditMetadata': record })
    return (input) => {
      const output = check(input)
      return output instanceof type.errors ? refuse() : output
    }
  },
  async 'valibot'() {
    const { parse, pipe, record, regex, strictObject, string, unknown } = await import('valibot')
    const text = pipe(string(), regex(id))
    const values = record(string(), unknown())
    const schema = strictObject({ threadId: text, runId: text, agentContext: values, auditMetadata: values })
    return (input) => parse(schema, input)
  },
  async 'zod'() {
    const { z } = await import('zod')
    const text = z.string().regex(id)
    const record = z.record(z.string(), z.unknown())
    const schema = z.strictObject({ threadId: text, runId: text, agentContext: record, auditMetadata: record })
    return (input) => schema.parse(input)
  },
  async 'effect'() {
    const { Schema } = await import('effect')
    const text = Schema.String.check(Schema.isPattern(id))
    const record = Schema.Record(Schema.String, Schema.Unknown)
    const schema = Schema.Struct({ threadId: text, runId: text, agentContext: record, auditMetadata: record })
    return Schema.decodeUnknownSync(schema, { onExcessProperty: 'error' })
  },
  async 'class-validator'() {
    await import('reflect-metadata')
    const { IsObject, Matches, validateSync } = await import('class-validator')
    const { plainToInstance } = await import('class-transformer')
    class Run {}
    for (const key of ['threadId', 'runId']) Matches(id)(Run.prototype, key)
    for (const key of ['agentContext', 'auditMetadata']) IsObject()(Run.prototype, key)
    return (input) => {
      const run = plainToInstance(Run, input)
      return validateSync(run, { whitelist: true, forbidNonWhitelisted: true }).length === 0 ? run : refuse()
    }
  },
}

/** zod's schema of what a verifier gives. */
export async function toFactsSchema() {
  const { z } = await import('zod')
  const text = z.string().regex(id)
  return z.strictObject({
    userId: text,
    sessionId: text.optional(),
    tenantId: text.optional(),
    permissions: z.array(z.string().regex(permission)).max(1000).optional(),
    expiresAtMs: z.number().min(1).optional(),
  })
}

function refuse() {
  throw new Error('refused')
}
