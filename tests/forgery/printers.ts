// Every way in which libraries and Node print, copy or send a value, each as a function from the value to all it gave
// out.
import assert from 'node:assert'
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { format, inspect } from 'node:util'
import { serialize, deserialize } from 'node:v8'
import { SpanStatusCode } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { format as toVitestText } from '@vitest/pretty-format'
import { diff as toVitestDiff } from '@vitest/utils/diff'
import { expect as jestExpect } from 'expect'
import lodash from 'lodash'
import pino from 'pino'
import winston from 'winston'

type Output = string | Promise<string>
/** What a program prints, copies or sends of a value, as text. */
export type Printer = (value: object) => Output

/** A stream that keeps what is written to it. */
function memory(): { readonly stream: Writable; readonly text: () => string } {
  const chunks: string[] = []
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, text: () => chunks.join('') }
}

/** Everything that a copy holds, whatever it was made of: own keys of every kind, at every depth. */
const dump = (copy: unknown): string =>
  inspect(copy, { showHidden: true, customInspect: false, getters: true, depth: 20, maxStringLength: null })

const withPino =
  (log: (logger: pino.Logger, value: object) => void, options: pino.LoggerOptions = {}): Printer =>
  (value) => {
    const { stream, text } = memory()
    log(pino({ level: 'trace', ...options }, stream), value)
    return text()
  }

const withWinston =
  (form: winston.Logform.Format, log: (logger: winston.Logger, value: object) => void): Printer =>
  async (value) => {
    const { stream, text } = memory()
    const logger = winston.createLogger({ format: form, transports: [new winston.transports.Stream({ stream })] })
    log(logger, value)
    logger.end()
    await new Promise((resolve) => logger.on('finish', resolve))
    return text()
  }

const withConsole =
  (log: (console: Console, value: object) => void): Printer =>
  (value) => {
    const { stream, text } = memory()
    log(new Console({ stdout: stream, stderr: stream }), value)
    return text()
  }

const withSpan =
  (use: (span: ReturnType<ReturnType<BasicTracerProvider['getTracer']>['startSpan']>, value: never) => void): Printer =>
  (value) => {
    const exporter = new InMemorySpanExporter()
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    const span = provider.getTracer('test').startSpan('run')
    use(span, value as never)
    span.end()
    return exporter
      .getFinishedSpans()
      .map(({ attributes, events, status }) => dump({ attributes, events, status }))
      .join()
  }

const messageOf = (attempt: () => void): string => {
  try {
    attempt()
  } catch (error) {
    return `${(error as Error).message} ${(error as Error).stack} ${inspect(error)}`
  }
  throw new Error('The comparison was to fail, so that its message can be read.')
}

/** What bunyan does with a record: it copies the keys of the fields, then prints all as JSON. */
const bunyanLike: Printer = (value) => {
  const record: Record<string, unknown> = { name: 'app', level: 30, v: 0 }
  for (const key of Object.keys(value)) record[key] = (value as Record<string, unknown>)[key]
  return JSON.stringify(record)
}

/** Each way, by name. */
export const printers: Readonly<Record<string, Printer>> = {
  'pino.info(value)': withPino((logger, value) => logger.info(value, 'message')),
  'pino.info({ value })': withPino((logger, value) => logger.info({ deep: [{ value }] }, 'message')),
  'pino.child(value)': withPino((logger, value) => logger.child(value).info('message')),
  'pino.child({ value })': withPino((logger, value) => logger.child({ value }).info('message')),
  'pino mixin': (value) => withPino((logger) => logger.info('message'), { mixin: () => value })(value),
  'pino %o and %j': withPino((logger, value) => logger.info('message %o %j %s', value, value, value)),
  'pino serializer that spreads': withPino((logger, value) => logger.info({ value }), {
    serializers: { value: (given: object) => ({ ...given }) },
  }),
  'pino formatter that copies': withPino((logger, value) => logger.info(value), {
    formatters: { log: (fields) => Object.assign({}, fields) },
  }),
  'pino error that carries it': withPino((logger, value) =>
    logger.error(Object.assign(new Error('failed', { cause: value }), { value })),
  ),
  'winston json': withWinston(winston.format.json(), (logger, value) => logger.info('message', value)),
  'winston simple': withWinston(winston.format.simple(), (logger, value) => logger.info('message', value)),
  'winston prettyPrint': withWinston(winston.format.prettyPrint({ depth: 9 }), (logger, value) =>
    logger.info('message', value),
  ),
  'winston nested': withWinston(winston.format.json(), (logger, value) => logger.info('message', { value })),
  'winston child': withWinston(winston.format.json(), (logger, value) => logger.child(value).info('message')),
  'winston splat': withWinston(winston.format.combine(winston.format.splat(), winston.format.json()), (logger, value) =>
    logger.info('message %o', value),
  ),
  'bunyan-like record': bunyanLike,
  'console.log': withConsole((console, value) => console.log(value, { deep: [value] })),
  'console.error': withConsole((console, value) => console.error('%s %o %O', value, value, value)),
  'console.dir': withConsole((console, value) => console.dir(value)),
  'console.dir with all options': withConsole((console, value) =>
    console.dir({ value }, { showHidden: true, getters: true, depth: 9 }),
  ),
  'console.table': withConsole((console, value) => console.table(value)),
  'console.table of a list': withConsole((console, value) => console.table([value])),
  'util.inspect with showHidden': (value) => inspect(value, { showHidden: true, depth: 9 }),
  'util.inspect with showHidden, getters and no custom printing': dump,
  'util.inspect of an error': (value) => inspect(Object.assign(new Error('failed', { cause: value }), { value })),
  'util.format': (value) => format('%s %o %O %j %d %i', value, value, value, value, value, value),
  'template string': (value) => `${String(value)} ${value.toString()}`,
  'JSON.stringify': (value) => JSON.stringify([value, { value }]),
  'JSON.stringify with a replacer': (value) => JSON.stringify({ value }, (_key, part: unknown) => part),
  'spread': (value) => dump({ ...value }),
  'Object.assign': (value) => dump(Object.assign({}, value)),
  'Object.entries': (value) => dump([Object.entries(value), Object.keys(value), Object.values(value)]),
  'for in': (value) => {
    const copy: Record<string, unknown> = {}
    for (const key in value) copy[key] = (value as Record<string, unknown>)[key]
    return dump(copy)
  },
  'property descriptors': (value) => dump(Object.getOwnPropertyDescriptors(value)),
  'structuredClone': (value) => dump(structuredClone(value)),
  'v8.serialize': (value) => {
    const bytes = serialize(value)
    return `${bytes.toString('latin1')} ${bytes.toString('utf16le')} ${dump(deserialize(bytes))}`
  },
  'lodash cloneDeep': (value) => dump([lodash.cloneDeep(value), lodash.clone(value)]),
  'lodash merge and toPlainObject': (value) => dump([lodash.merge({}, value), lodash.toPlainObject(value)]),
  'OpenTelemetry setAttributes': withSpan((span, value) => span.setAttributes(value)),
  'OpenTelemetry addEvent and setStatus': withSpan((span, value) =>
    span.addEvent('event', value).setStatus({ code: SpanStatusCode.ERROR, message: String(value) }),
  ),
  'assert.deepStrictEqual': (value) =>
    messageOf(() => assert.deepStrictEqual(value, { other: true })) +
    messageOf(() => assert.deepEqual({ value }, { value: 1 })),
  'assert.strictEqual': (value) => messageOf(() => assert.strictEqual(value, 'other')),
  'assert.ok of a comparison': (value) => messageOf(() => assert.equal(value, undefined)),
  'Jest toEqual': (value) =>
    messageOf(() => jestExpect(value).toEqual({ other: true })) +
    messageOf(() => jestExpect({ value }).toEqual({ value: 1 })),
  'Jest toBe and toBeUndefined': (value) =>
    messageOf(() => jestExpect(value).toBe({})) + messageOf(() => jestExpect(value).toBeUndefined()),
  'Jest toMatchObject': (value) => messageOf(() => jestExpect(value).toMatchObject({ other: true })),
  'vitest diff': (value) =>
    [toVitestDiff(value, { other: true }), toVitestDiff({ value }, { value: 1 }), toVitestDiff([value], [])].join(),
  'vitest and Jest snapshots': (value) => toVitestText(value) + toVitestText(value, { callToJSON: false }),
}
