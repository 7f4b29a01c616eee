// Renders the reference of a package out of its docstrings, so that the page cannot say anything else.
import { entryPointsOf, type ApiEntry, type EntryPoint } from './public-api.ts'

/** The packages that have a reference: the name of the page, and the folder. */
export const documentedPackages: Readonly<Record<string, string>> = {
  'core': '.',
  'golden-path': 'packages/golden-path',
  'testing': 'packages/testing',
}

/** The whole page of a package. */
export const renderApiPage = (folder: string): string => {
  const entryPoints = entryPointsOf(folder)
  return `# Reference: ${entryPoints[0]!.specifier}

Generated from the docstrings; a test keeps the two equal (\`npm run docs\` writes it anew).

${entryPoints.map(renderContents).join('\n')}

${entryPoints.map(renderEntryPoint).join('\n')}`
}

function renderContents({ specifier, entries }: EntryPoint): string {
  const names = entries.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(', ')
  return `- \`${specifier}\`: ${names}`
}

function renderEntryPoint({ specifier, text, entries }: EntryPoint): string {
  return `## \`${specifier}\`\n\n${text === '' ? '' : `${text}\n\n`}${entries.map(renderEntry).join('\n')}`
}

function renderEntry({ name, signature, text, parameters, returns, throws, examples }: ApiEntry): string {
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

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ')
}
