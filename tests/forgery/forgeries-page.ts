// Renders docs/forgeries.md out of the table of forgeries, so that the page cannot say anything else.
import { forgedPrograms, type ForgedProgram } from './forged-program.ts'
import { prelude, type Outcome, type Verdict } from './forgeries.ts'

const outcomes: Readonly<Record<Outcome, string>> = {
  refused: 'refused at every entry point',
  TypeError: '`TypeError`: nothing changes',
  SyntaxError: '`SyntaxError`: there is no such export',
  ERR_PACKAGE_PATH_NOT_EXPORTED: '`ERR_PACKAGE_PATH_NOT_EXPORTED`',
  ERR_CONTEXT_NOT_CONSTRUCTIBLE: '`ERR_CONTEXT_NOT_CONSTRUCTIBLE`: the package took it when it loaded',
  ERR_CONTEXT_INVALID_REQUEST: '`ERR_CONTEXT_INVALID_REQUEST`: nothing is derived',
  ERR_CONTEXT_NOT_ISSUED: '`ERR_CONTEXT_NOT_ISSUED`: a copy has no user',
}

/** The whole page. */
export const renderForgeriesPage = (): string => `# Forgeries

Every known way to get a \`UserExecutionContext\` or a \`VerifiedUser\` without its maker, or to change one. No row is
accepted: either tsc refuses it, or run time does, or both. "Silent" means that no type system of TypeScript can see it
(a cast, \`any\`, a clone, a proxy); there the check on the first line of every exported function decides.

Each program begins with these lines, and ends with the lines of its row:

\`\`\`ts
${prelude}\`\`\`

tsc is run on every program with TypeScript 5.9, 6.0 and 7.0 under \`strict\`. One entry stands for all three where they
agree. Run time is Node's, on the package as it is published: every export that takes a context is called with the
forged value, and throws \`ERR_CONTEXT_NOT_ISSUED\` (for a user: \`ERR_CONTEXT_USER_NOT_VERIFIED\`).

This page is generated from \`tests/forgery/forgeries.ts\`; a test keeps the two equal (\`npm run docs\` writes it
anew).

## Of a context

${renderTable('context')}

## Of a verified user

${renderTable('user')}

## What is out of reach

- A debugger attached to the process, and built-ins replaced before the package loads (it checks itself at load and
  refuses to start where it can tell).
- A field added to the type by module augmentation is a lie about a field. It makes no context: the row above shows it.
- Two installed copies of one version: tsc takes them for one and is silent, run time refuses and says to deduplicate.
- Code that reads \`context.userId\` of an unchecked value. Every export of this package checks; your own exported
  functions call \`assertUserExecutionContext()\` first.
- \`console.dir(context)\` and \`util.inspect(context, { customInspect: false })\` skip every object's own
  printing. They show the properties, which may all be logged, and no getter.
`

function renderTable(target: ForgedProgram['target']): string {
  const rows = forgedPrograms.filter((program) => program.target === target)
  return [
    '| forgery | how it is made | what tsc says | what run time says |',
    '|---|---|---|---|',
    ...rows.map(renderRow),
  ].join('\n')
}

function renderRow({ name, source, tsc, runTime }: ForgedProgram): string {
  const how = source
    .split('\n')
    .map((line) => `<code>${escape(line.trim())}</code>`)
    .join('<br>')
  return `| ${escape(name)} | ${how} | ${renderVerdict(tsc)} | ${outcomes[runTime]} |`
}

function renderVerdict(verdict: Verdict): string {
  if (verdict === 'silent') return 'silent'
  const { '5.9': five, '6.0': six, '7.0': seven } = verdict.codes
  const [first, second, third] = [five, six, seven].map((codes) => codes.join(', '))
  const codes = first === second && second === third ? first : `${first} (5.9), ${second} (6.0), ${third} (7.0)`
  return `${codes}: ${escape(verdict.says)}`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('|', '&#124;').replaceAll('{', '&#123;')
}
