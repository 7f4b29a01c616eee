/**
 * The open sites of a scan by owner: a line each for the terminal, and an issue each as Markdown.
 */
import { kindGuide } from '../kind-guide.ts'
import type { Report, ReportSite } from '../report/report.ts'
import { toPrintable } from '../report/paint.ts'
import { count } from '../report/report-words.ts'
import { unowned } from './code-owners.ts'
import type { OwnersOf } from './code-owners.ts'

/** Open sites of one owner, the owner of most sites first. */
export type OwnerGroup = {
  readonly owner: string
  readonly sites: readonly ReportSite[]
  /** How many of them stand in files that no test reaches. */
  readonly untested: number
}

/** Sites of a file with several owners are listed for each of them. */
export const groupByOwner = (
  { sites }: Pick<Report, 'sites'>,
  ownersOf: OwnersOf | undefined,
  untested: ReadonlySet<string>,
): OwnerGroup[] => {
  const groups = new Map<string, ReportSite[]>()
  for (const site of sites) {
    if (site.status === 'shown' || site.status === 'suppressed') continue
    const owners = ownersOf?.(site.file) ?? []
    for (const owner of owners.length > 0 ? owners : [unowned]) groups.set(owner, [...(groups.get(owner) ?? []), site])
  }
  return [...groups]
    .map(([owner, own]) => ({ owner, sites: own, untested: own.filter(({ file }) => untested.has(file)).length }))
    .sort((a, b) => b.sites.length - a.sites.length || (a.owner < b.owner ? -1 : 1))
}

/** `  @team-a  12 sites, 3 of them in files that no test reaches`. */
export const toOwnerLines = (groups: readonly OwnerGroup[]): string[] => [
  'By owner (CODEOWNERS)',
  ...groups.map(({ owner, sites, untested }) => `  ${owner}  ${toSiteCount(sites.length)}${toUntestedWords(untested)}`),
]

/** The same without owners; nothing when a test reaches every file. */
export const toUntestedLine = (groups: readonly OwnerGroup[]): string[] =>
  groups
    .filter(({ untested }) => untested > 0)
    .map(({ sites, untested }) => `${toSiteCount(sites.length)} open${toUntestedWords(untested)}.`)

/** One issue: what to do, then a list to tick off, file by file. */
export const toIssue = ({ owner, sites, untested }: OwnerGroup, files: ReadonlySet<string>): string => {
  const sections = [...new Set(sites.map(({ file }) => file))].flatMap((file) => [
    `### ${toCode(file)}`,
    '',
    ...(files.has(file) ? ['No test reaches this file: write one first.', ''] : []),
    ...sites
      .filter((site) => site.file === file)
      .map(({ line, kind, enclosing }) => {
        const place = enclosing === '' ? '' : ` in ${toCode(enclosing)}`
        return `- [ ] line ${line}${place}: ${kindGuide[kind].title}. ${kindGuide[kind].fix}`
      }),
    '',
  ])
  return [
    `# ${toSiteCount(sites.length)} to move: ${toOwner(owner)}`,
    '',
    `${toSiteCount(sites.length)} make a user context without the factory${toUntestedWords(untested)}. What ` +
      '`migrate` can prove it moves by itself:',
    '',
    '```sh',
    owner === unowned
      ? "npx @user-execution-context/adopt migrate --write --verify 'npm test'"
      : `npx @user-execution-context/adopt migrate --write --owner ${toShellWord(owner)} --verify 'npm test'`,
    '```',
    '',
    ...sections,
  ].join('\n')
}

/** File names of the owners' issues, each its own: `@org/team-a` gives `org-team-a.md`, and `@org-team-a` another. */
export const toIssueNames = (owners: readonly string[]): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const owner of [...owners].sort()) {
    const stem = owner
      .replace(/^@/, '')
      .replaceAll(/[^\w.-]+/g, '-')
      .toLowerCase()
    let name = `${stem}.md`
    for (let number = 2; taken.has(name); number++) name = `${stem}-${number}.md`
    taken.add(name)
    names.set(owner, name)
  }
  return names
}

const toSiteCount = (sites: number): string => `${count(sites)} ${sites === 1 ? 'site' : 'sites'}`

const toUntestedWords = (untested: number): string =>
  untested === 0 ? '' : `, ${count(untested)} of them in files that no test reaches`

/** Names come from the code base: a line break in one would begin a line of its own, a backtick would end the code. */
const toCode = (text: string): string => `\`${toPrintable(text).replaceAll('`', "'").replaceAll('\t', ' ')}\``

/** Teams, users and mail addresses; nothing that Markdown or a shell reads in another way. */
const isPlain = (owner: string): boolean => owner === unowned || /^[\w@/.+-]+$/.test(owner)

const toOwner = (owner: string): string => (isPlain(owner) ? owner : toCode(owner))

const toShellWord = (owner: string): string =>
  isPlain(owner) ? owner : `'${toPrintable(owner).replaceAll("'", String.raw`'\''`)}'`
