/**
 * Prints a report in the format asked for, to stdout or to a file. Each format is loaded when it is used.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { FormatName } from '../cli-options.ts'
import type { Invocation } from '../invocation.ts'
import { runGit } from '../run-git.ts'
import type { Report } from './report.ts'
import { writeWhole } from './write-whole.ts'

/** Writes the report where the options say. The default format is the terminal's. */
export const printReport = async (report: Report, invocation: Invocation): Promise<void> => {
  const { options, stdout, workingDirectory } = invocation
  const text = await formats[options.format ?? 'terminal'](report, invocation)
  if (options.output === undefined) stdout.write(text)
  else writeWhole(resolve(workingDirectory, options.output), text)
}

const formats: Readonly<Record<FormatName, (report: Report, invocation: Invocation) => Promise<string>>> = {
  terminal: async (report, { isColored, options, root }) =>
    (await import('./terminal-report.ts')).printTerminal(report, {
      isColored: isColored && options.output === undefined,
      showAll: options.all === true,
      readSource: toSourceReader(root),
    }),
  json: async (report) => `${JSON.stringify(report, null, 2)}\n`,
  sarif: async (report, { root }) => (await import('./sarif-report.ts')).printSarif(report, repositoryPrefix(root)),
  github: async (report, { root }) => (await import('./github-report.ts')).printGithub(report, repositoryPrefix(root)),
  markdown: async (report) => (await import('./markdown-report.ts')).printMarkdown(report),
  html: async (report) => (await import('./page/html-report.ts')).printHtml(report),
}

const toSourceReader =
  (root: string) =>
  (file: string): string | undefined => {
    try {
      return readFileSync(join(root, file), 'utf8').replace(/^\uFEFF/, '')
    } catch {
      return undefined
    }
  }

// Annotations and SARIF count from the repository's top, which may lie above the root.
const repositoryPrefix = (root: string): string => runGit(root, ['rev-parse', '--show-prefix'])?.trim() ?? ''
