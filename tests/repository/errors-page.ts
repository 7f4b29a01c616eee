// Renders docs/errors.md out of the table of codes, so that the page cannot say anything else.
import { uninitialisedValues } from '../../src/facts/uninitialised-values.ts'
import { errorCodes, type ClientAnswer, type ContextErrorCode } from '../../src/errors/error-codes.ts'

/** The whole page. */
export const renderErrorsPage = (): string => `# Errors

Every error of this package is a \`ContextError\` with a stable \`code\`. Its message says what happened, where and what
to do; it never holds an id, a token or a value, so it may be logged. \`toClientAnswer(error)\` gives what a client may
be told: the last column. A framework whose error handler sends the message of every error, such as Fastify, needs
[one line](core.md#errors) for it. An error that is none of ours is told as \`ERR_INTERNAL\`, 500, 1011.

This page is generated from \`src/errors/error-codes.ts\`; a test keeps the two equal (\`npm run docs\` writes it
anew).

| code | what happened | how to solve it | what the client is told |
|---|---|---|---|
${(Object.keys(errorCodes) as readonly ContextErrorCode[]).map(renderRow).join('\n')}

## Values that are no ids

What an uninitialised variable, a template or a test leaves where an id should stand is refused as an id, whole and
without regard to case:

${wrap([...uninitialisedValues].map((value) => `\`${value}\``).join(', '))},

and the nil UUID. Nothing else is: \`test-42\` and \`default_user\` are legal ids. Names of identity providers and of
operations are not held to the list.
`

/** Breaks a list at its spaces, so that every line fits. */
function wrap(list: string): string {
  return list.replaceAll(/(.{1,118})(?: |$)/g, '$1\n').trimEnd()
}

function renderRow(code: ContextErrorCode): string {
  const { happened, fix, client } = errorCodes[code]
  const { message, httpStatus, closeCode, toldAs = code }: ClientAnswer & { readonly toldAs?: string } = client
  const told = toldAs === code ? '' : ` as \`${toldAs}\``
  const anchor = `<a id="${code.toLowerCase()}"></a>`
  const answer = `"${message}"${told} HTTP ${httpStatus}, close ${closeCode}`
  return `| ${anchor}\`${code}\` | ${cell(happened)}. | ${cell(fix)} | ${answer} |`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
