// Renders the reference of a package out of its docstrings, so that the page cannot say anything else.
import { readFileSync } from 'node:fs'
import { format, type FormatConfig } from 'oxfmt'
import ts from 'typescript-5.9'
import { entryPointsOf, type ApiEntry, type EntryPoint } from './public-api.ts'

const maxWidth = 120
const { config: style } = ts.parseConfigFileTextToJson('.oxfmtrc.json', readFileSync('.oxfmtrc.json', 'utf8')) as {
  readonly config: FormatConfig
}

/** The packages that have a reference: the name of the page, and the directory. */
export const documentedPackages: Readonly<Record<string, string>> = {
  'core': '.',
  'transfer': 'packages/transfer',
  'golden-path': 'packages/golden-path',
  'postgres': 'packages/postgres',
  'http': 'packages/http',
  'mcp': 'packages/mcp',
  'testing': 'packages/testing',
}

/** The whole page of a package. */
export const renderApiPage = async (directory: string): Promise<string> => {
  const entryPoints = entryPointsOf(directory)
  const rendered = await Promise.all(entryPoints.map(renderEntryPoint))
  return `# Reference: ${entryPoints[0]!.specifier}

Generated from the docstrings; a test keeps the two equal (\`npm run docs\` writes it anew).

${entryPoints.map(renderContents).join('\n')}

${rendered.join('\n')}`
}

function renderContents({ specifier, entries }: EntryPoint): string {
  const names = entries.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(', ')
  return wrap(`- \`${specifier}\`: ${names}`, '  ')
}

async function renderEntryPoint({ specifier, text, entries }: EntryPoint): Promise<string> {
  const rendered = await Promise.all(entries.map(renderEntry))
  return `## \`${specifier}\`\n\n${text === '' ? '' : `${text}\n\n`}${rendered.join('\n')}`
}

async function renderEntry(entry: ApiEntry): Promise<string> {
  const { name, text, parameters, returns, throws, examples } = entry
  const signature = await breakSignature(entry.signature)
  return [
    `### ${name}`,
    `\`\`\`ts signature\n${signature}\n\`\`\``,
    text,
    parameters.map((parameter) => `- \`${parameter.name}\`: ${indent(parameter.text)}`).join('\n'),
    returns === '' ? '' : `Returns: ${returns}`,
    throws.map((thrown) => `- Throws: ${indent(thrown)}`).join('\n'),
    ...examples.map((example) => `\`\`\`ts\n${example}\n\`\`\``),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

/** A signature as the formatter of the repository sets it: a declaration, which is what the formatter parses. */
async function breakSignature(signature: string): Promise<string> {
  const comments = signature
    .replaceAll(/^( *)\/\*\* (.*) \*\/$/gm, (comment: string, spaces: string, text: string) =>
      comment.length <= maxWidth ? comment : `${spaces}/**\n${spaces} * ${text}\n${spaces} */`,
    )
    .replaceAll(/^( *\* ).*$/gm, wrap)
  const { code, errors } = await format('signature.ts', `declare ${comments}`, style)
  if (errors.length > 0) throw new Error(`The formatter cannot read this signature: ${signature}`)
  return code.replace(/^declare /, '').trimEnd()
}

/** Breaks a line at its spaces, so that every line fits; what follows the first begins with `start`. */
function wrap(line: string, start: string): string {
  const [first = '', ...words] = line.split(/(?<=\S) /)
  const lines = [first]
  for (const word of words) {
    if (`${lines.at(-1)} ${word}`.length > maxWidth) lines.push(start + word)
    else lines.push(`${lines.pop()} ${word}`)
  }
  return lines.join('\n')
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ')
}
