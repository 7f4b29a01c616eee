// Renders docs/server.md: options, routes, messages and limits of the server, from the sources that decide them.
import { readFileSync } from 'node:fs'
import {
  clientMessageSchema,
  defaultLimits,
  runEventSchema,
  serverMessageSchema,
} from '@user-execution-context/golden-path'
import { logEvents } from '@user-execution-context/golden-path/server'
import { documentedRoutes } from './server-routes.ts'

const sources = 'packages/golden-path/src'

/** The whole page. */
export const renderServerPage = (): string => `# The server: options, routes, messages, limits, log

Everything that \`openGoldenPathServer()\` takes, serves and bounds. Generated from the sources; a test keeps the two
equal (\`npm run docs\` writes it anew). [The golden path](golden-path.md) says how the parts fit.

## Options

| option | what it is, and what it is when you leave it out |
|---|---|
${renderDocstrings(`${sources}/server/server-options.ts`, 'GoldenPathServerOptions')}

\`attempts\` bounds failed sign-ins of users of its own:

| bound | what it bounds |
|---|---|
${renderDocstrings(`${sources}/login/attempt-bounds.ts`, 'AttemptLimitOptions')}

\`close()\` takes:

| option | what it is |
|---|---|
${renderDocstrings(`${sources}/server/lifecycle.ts`, 'CloseOptions')}

\`hardenHttpServer()\` takes:

| bound | what it bounds |
|---|---|
${renderDocstrings(`${sources}/server/harden-http-server.ts`, 'ServerBounds')}

## Routes

All paths are below \`prefix\`. All but those marked want \`Authorization: Bearer TOKEN\`. Bodies are JSON.
A refusal is \`{ code, message }\` with the status of [its code](errors.md).

| route | takes | answers |
|---|---|---|
${documentedRoutes.map(({ route, takes, answers }) => `| \`${route}\` | ${takes} | ${answers} |`).join('\n')}

\`GET /ws\` is the upgrade to a WebSocket. Its token comes in the header, in the subprotocols \`uec.v1, bearer.TOKEN\`,
or as \`?ticket=TICKET\`. One that comes twice in one of these places is refused.

## Messages of a client

One JSON object a text frame. A field with \`?\` may be left out; any other key is refused.

| type | fields | |
|---|---|---|
${renderMessages(clientMessageSchema)}

## Messages of the server

| type | fields | |
|---|---|---|
${renderMessages(serverMessageSchema)}

## Events of a run

Each has \`version\`, \`epoch\` (from 1, which writer of the run), \`sequence\` (from 1, without holes),
\`timestamp\`, \`threadId\`, \`runId\`, \`requestId\`, and its own \`data\`:

| type | \`data\` |
|---|---|
${renderEvents()}

## Limits

\`limits\` changes any of them; "user" means user within tenant. A refusal names the limit in its issues.

| limit | default | what it bounds |
|---|---|---|
${renderLimits()}

## Log

\`log\` gets one record for each of these events; by default it is one line of JSON on standard error, with the \`time\`
before it. \`logLevel\` says which is the least level that is logged. A refusal that is a fault of the server, answered
500 or more, has the level \`error\`. No line holds the id of a user or of a session, a token, or anything that a user
wrote; the address of a client is personal data, so keep lines as long as you may keep that.

| event | level | when | fields beside \`event\` and \`level\` |
|---|---|---|---|
${renderLogEvents()}

A field whose value is not known is left out.

| field | what it holds |
|---|---|
${renderDocstrings(`${sources}/server/log-events.ts`, 'LogFields')}
`

/** Each property of a type with its docstring, as rows of a table. */
function renderDocstrings(file: string, type: string): string {
  const text = readFileSync(file, 'utf8')
  const start = text.indexOf(`export type ${type} = {`)
  const body = text.slice(start, text.indexOf('\n}\n', start))
  const rows = Array.from(
    body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}readonly (\w+)\??:/g),
    ([, comment, name]) => `| \`${name}\` | ${toCell(comment!)} |`,
  )
  if (start < 0 || rows.length !== (body.match(/^ {2}readonly /gm) ?? []).length)
    throw new Error(`A property of ${type} has no docstring`)
  return rows.join('\n')
}

function renderLimits(): string {
  const text = readFileSync(`${sources}/phases/limits.ts`, 'utf8')
  const comments = new Map(
    Array.from(text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}(\w+):/g), ([, comment, name]) => [name!, comment!]),
  )
  return Object.entries(defaultLimits)
    .map(([name, value]) => `| \`${name}\` | ${value.toLocaleString('en')} | ${toCell(comments.get(name) ?? '')} |`)
    .join('\n')
}

function renderLogEvents(): string {
  return Object.entries(logEvents)
    .map(([event, { level, what, fields }]) => {
      const names = fields.map((field) => `\`${field}\``).join(', ')
      return `| \`${event}\` | ${level} | ${what} | ${names} |`
    })
    .join('\n')
}

function toCell(comment: string): string {
  const text = comment.replaceAll(/\n\s*\* ?/g, ' ').replaceAll(/\s+/g, ' ')
  return text.trim().replaceAll('|', '\\|')
}

type Schema = {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly oneOf?: readonly Schema[]
}

function renderMessages(schema: Schema): string {
  return schema
    .oneOf!.map(({ properties = {}, required = [], description = '' }) => {
      const { type, version: _version, ...fields } = properties
      return `| \`${String(type?.const)}\` | ${renderFields(fields, required)} | ${description} |`
    })
    .join('\n')
}

function renderEvents(): string {
  return (runEventSchema as Schema)
    .oneOf!.map(({ properties = {} }) => {
      const { properties: fields = {}, required = [] } = properties['data'] ?? {}
      return `| \`${String(properties['type']?.const)}\` | ${renderFields(fields, required)} |`
    })
    .join('\n')
}

function renderFields(fields: Readonly<Record<string, Schema>>, required: readonly string[]): string {
  return Object.entries(fields)
    .map(([name, field]) => `\`${name}${required.includes(name) ? '' : '?'}\` ${renderType(field)}`.trim())
    .join(', ')
}

function renderType({ type, properties, required = [], enum: words }: Schema): string {
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(' or ')
  if (properties !== undefined) return `{ ${renderFields(properties, required)} }`
  return type ?? ''
}
