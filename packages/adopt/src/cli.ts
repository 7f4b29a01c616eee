/**
 * The command line: argv -> options -> command -> exit code. 0 clean, 1 findings, 2 could not run, 130 interrupted.
 * Commands are loaded when they are called for, so that --help loads no engine.
 */
import { AdoptError } from './adopt-error.ts'
import { helpText, parseCliOptions, type CliOptions, type CommandName } from './cli-options.ts'
import { explainKind } from './explain-kind.ts'
import { readToolName, toInvocation, type Command, type Environment } from './invocation.ts'
import { adviceOf, reasonOf } from './file-refusal.ts'
import { isWatched, startProgress, type ProgressLine } from './report/progress.ts'

/** Runs one command line and gives the exit code. Never throws and never exits. */
export const runCli = async (argv: readonly string[], environment: Environment): Promise<number> => {
  try {
    const options = parseCliOptions(argv)
    if (options.help) return print(helpText, environment)
    if (options.version) return print(`${readToolName()}\n`, environment)
    if (options.explain !== undefined) return print(explainKind(options.explain), environment)
    if (options.command === undefined) throw new AdoptError('USAGE', 'No command was given. Run adopt --help.')
    return await runCommand(options.command, options, environment)
  } catch (error) {
    environment.stderr.write(describeFailure(error))
    return 2
  }
}

/** Sent when a command line is done. */
export type CliOutcome = { readonly exitCode: number }

const commands: Readonly<Record<CommandName, () => Promise<Command>>> = {
  init: async () => (await import('./commands/init.ts')).runInit,
  scan: async () => (await import('./commands/scan.ts')).runScan,
  migrate: async () => (await import('./commands/migrate.ts')).runMigrate,
  seal: async () => (await import('./commands/seal.ts')).runSeal,
  check: async () => (await import('./commands/check.ts')).runCheck,
}

const runCommand = async (name: CommandName, options: CliOptions, environment: Environment): Promise<number> => {
  const { stderr, env } = environment
  const isCi = (env['CI'] ?? '') !== '' && env['CI'] !== 'false'
  const isWanted = isWatched({ isTerminal: stderr.isTTY, isCi, isQuiet: options.quiet })
  const progress = isWanted ? startProgress({ write: (text) => stderr.write(text), nowMs: Date.now }) : undefined
  try {
    const invocation = toInvocation(
      options,
      progress ? withoutLine(environment, progress) : environment,
      progress?.show,
    )
    const command = await commands[name]()
    return await command(invocation)
  } finally {
    progress?.stop()
  }
}

/** What is printed begins on a line of its own: the one of the progress goes first. */
const withoutLine = (environment: Environment, progress: ProgressLine): Environment => {
  const after = (stream: Environment['stdout']): Environment['stdout'] => ({
    isTTY: stream.isTTY === true,
    write: (text) => {
      progress.stop()
      return stream.write(text)
    },
  })
  return { ...environment, stdout: after(environment.stdout), stderr: after(environment.stderr) }
}

const print = (text: string, { stdout }: Environment): number => {
  stdout.write(text)
  return 0
}

const describeFailure = (error: unknown): string => {
  if (error instanceof AdoptError) return `adopt: ${error.message}\n`
  const missing =
    error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
      ? error.message.split(' imported')[0]
      : undefined
  if (missing !== undefined) return `adopt: ${missing}. Install @user-execution-context/adopt again.\n`
  const refused = describeRefusal(error)
  if (refused !== undefined) return refused
  // Unknown: the stack is the bug report.
  return (
    'adopt failed in an unforeseen way. Please report it.\n' +
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`
  )
}

/** What a file system refuses is nothing to report: who runs the tool can allow it. */
const describeRefusal = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || !('path' in error) || typeof error.path !== 'string') return undefined
  const reason = reasonOf(error)
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(reason)) return undefined
  return `adopt: ${error.path} cannot be read or written (${reason}). ${adviceOf(error)}\n`
}
