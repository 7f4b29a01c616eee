/**
 * The command line: its help as one literal, and its options parsed with node:util.
 * Loads nothing else, so that --help answers at once.
 */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { AdoptError } from './adopt-error.ts'

export const helpText = `adopt: one sealed user execution context for a TypeScript code base

Usage
  npx @user-execution-context/adopt <command> [directory] [options]

Commands
  init                   guess the canonical type, show the evidence, write the configuration
  scan                   find duplicate definitions, factories and direct constructions
  migrate                move them to the factory; each edit is verified; a dry run unless --write
  seal CLASS             close a class of your own to all but its maker; a dry run unless --write
  check                  for CI: fail on every violation that the baseline does not accept

What to look at
  --type NAME            context type, as NAME or path#NAME; repeat it; the first one is canonical
  --factory NAME         sanctioned factory, as NAME, path#NAME or package#NAME; repeat it
  --tsconfig FILE        tsconfig to analyse; repeat it; default: all below the directory
  --config FILE          default: user-execution-context.config.json here or above
  --generated            analyse generated code too
  --fast                 definitions, new and casts only; no compiler runs
  --no-probe             do not ask what plain tsc finds once the type is sealed
  --no-cache             ask everything again, and keep nothing in node_modules/.cache
  --engine NAME          typescript-7 or typescript-6

What to print
  --format NAME          terminal, json, sarif, github, markdown or html
  --output FILE          write the report to a file instead of stdout
  --all                  list every site in the terminal
  --quiet                no progress on stderr
  --explain KIND         what a kind of finding means and how to fix it

scan
  --issues DIRECTORY     also write one issue for each CODEOWNERS owner, as Markdown

check
  --start-baseline       write the first baseline; refused when there is one
  --accept REASON        let the baseline grow; the reason is written beside each new entry
  --since REF            report files changed since a revision; the analysis sees everything

migrate
  --write                write the edits; refused on a dirty git tree
  --step NAME            for a type that carries more: makers (default), readers, then fields
  --undo                 put back what the last --write replaced
  --force                write although the git tree is dirty
  --only KIND            edit this kind only; repeat it
  --dir DIRECTORY        edit below this directory only; the analysis sees everything
  --owner NAME           edit files of this CODEOWNERS owner only
  --max-files N          edit at most N files
  --verify 'npm test'    with --write: keep what leaves your tests green, name what does not
  --batch NAME           what is rolled back together: file (default), directory or owner

init
  --force                replace a configuration that is there
  --yes                  write it although the guess is unsure; without it, unsure exits 1

Others
  --help, --version

Exit codes
  0 clean   1 findings   2 could not run, or not all of it   130 interrupted
stdout holds the report and nothing else; progress goes to stderr.
`

export const commandNames = ['init', 'scan', 'migrate', 'seal', 'check'] as const
export const formatNames = ['terminal', 'json', 'sarif', 'github', 'markdown', 'html'] as const

export type CommandName = (typeof commandNames)[number]
export type FormatName = (typeof formatNames)[number]

/** The options as typed by the user: nothing is looked up yet. */
export type CliOptions = Omit<ReturnType<typeof readArgv>['values'], 'format'> & {
  readonly command: CommandName | undefined
  readonly directory: string | undefined
  readonly format: FormatName | undefined
}

/** Parses the arguments after the program name. Throws AdoptError `USAGE` with the sentence to print. */
export const parseCliOptions = (argv: readonly string[]): CliOptions => {
  const { values, positionals } = readArgv(argv)
  const [command, ...words] = positionals
  // seal is told what to close, the others only where.
  const [named, directory, ...more] = command === 'seal' ? words : [undefined, ...words]
  assertOwnOptions(command, Object.keys(values))
  if (more.length > 0) throw usage(`Give one directory at most; ${more.length + 1} were given.`)
  return {
    ...values,
    ...(named !== undefined && { type: [named] }),
    command: command === undefined ? undefined : oneOf(command, commandNames, 'command'),
    directory,
    format: values.format === undefined ? undefined : oneOf(values.format, formatNames, 'format'),
  }
}

/** Options that only these commands take: given to another one, they would do nothing and look as if they did. */
const ownOptions: Readonly<Record<string, readonly CommandName[]>> = {
  'issues': ['scan'],
  'fast': ['scan', 'check'],
  'start-baseline': ['check'],
  'accept': ['check'],
  'since': ['check'],
  'write': ['migrate', 'seal'],
  'undo': ['migrate'],
  'step': ['migrate'],
  'force': ['migrate', 'seal', 'init'],
  'only': ['migrate'],
  'dir': ['migrate'],
  'owner': ['migrate'],
  'max-files': ['migrate'],
  'verify': ['migrate'],
  'batch': ['migrate'],
  'yes': ['init'],
}

const assertOwnOptions = (command: string | undefined, given: readonly string[]): void => {
  const found = commandNames.find((name) => name === command)
  const stray = given.find(
    (option) => found && Object.hasOwn(ownOptions, option) && !ownOptions[option]!.includes(found),
  )
  if (stray !== undefined)
    throw usage(`--${stray} is an option of ${ownOptions[stray]!.join(' and ')}, and ${command} does not take it`)
}

const options = {
  'type': { type: 'string', multiple: true },
  'factory': { type: 'string', multiple: true },
  'tsconfig': { type: 'string', multiple: true },
  'config': { type: 'string' },
  'generated': { type: 'boolean' },
  'fast': { type: 'boolean' },
  'no-probe': { type: 'boolean' },
  'no-cache': { type: 'boolean' },
  'engine': { type: 'string' },
  'format': { type: 'string' },
  'output': { type: 'string' },
  'all': { type: 'boolean' },
  'quiet': { type: 'boolean' },
  'explain': { type: 'string' },
  'issues': { type: 'string' },
  'start-baseline': { type: 'boolean' },
  'accept': { type: 'string' },
  'since': { type: 'string' },
  'write': { type: 'boolean' },
  'undo': { type: 'boolean' },
  'step': { type: 'string' },
  'force': { type: 'boolean' },
  'only': { type: 'string', multiple: true },
  'dir': { type: 'string' },
  'max-files': { type: 'string' },
  'owner': { type: 'string' },
  'verify': { type: 'string' },
  'batch': { type: 'string' },
  'yes': { type: 'boolean' },
  'help': { type: 'boolean', short: 'h' },
  'version': { type: 'boolean', short: 'v' },
} as const satisfies ParseArgsConfig['options']

const readArgv = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (cause) {
    throw usage(
      cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : 'The command line cannot be read',
      cause,
    )
  }
}

const oneOf = <Name extends string>(word: string, names: readonly Name[], what: string): Name => {
  const found = names.find((name) => name === word)
  if (found === undefined) throw usage(`${word} is not a ${what}. Choose one of: ${names.join(', ')}.`)
  return found
}

const usage = (message: string, cause?: unknown): AdoptError =>
  new AdoptError('USAGE', `${message.replace(/\.?$/, '.')} Run adopt --help.`, { cause })
