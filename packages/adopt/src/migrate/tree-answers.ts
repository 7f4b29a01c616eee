/**
 * What the tree says before anything is planned: found out when it is first wanted, and the same in each round.
 */
import type { Node } from '../engine/syntax.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import { findHandedClasses } from './handed-classes.ts'
import { isTypedSource } from './own-source.ts'
import { newReachedSites } from './reached-sites.ts'
import type { FindReached } from './reached-sites.ts'
import { newLooselyRead, newRenamedFields } from './renamed-fields.ts'
import type { FindLooselyRead, FindRenamed } from './renamed-fields.ts'
import type { Run } from './round.ts'
import { readTargetMembers } from './target-members.ts'
import type { TargetMembers } from './target-members.ts'
import { newTestedFields } from './tested-fields.ts'
import type { FindTested } from './tested-fields.ts'
import { spanKey } from './value-origins.ts'

/** Each asks the compiler when it is first read: the overlay must be empty then. */
export type TreeAnswers = {
  readonly members: TargetMembers
  readonly tested: FindTested
  readonly reached: FindReached
  readonly handed: ReadonlyMap<string, string>
  readonly renamed: FindRenamed
  readonly loose: FindLooselyRead
}

export const familyOf = ({ canonical, duplicates }: ScanResult): readonly DefinitionFact[] => [
  ...(canonical ? [canonical] : []),
  ...duplicates.map((one) => one.definition),
]

export const toTreeAnswers = (run: Run): TreeAnswers => {
  const { workspace, scan, target } = run
  const known = answersOf.get(scan)
  if (known) return known
  const family = familyOf(scan)
  const once = newOnce()
  const answers: TreeAnswers = {
    get members() {
      return once('members', () => targetMembers(run))
    },
    get tested() {
      return once('tested', () => newTestedFields(workspace, family, target, answers.members))
    },
    get reached() {
      return once('reached', () => newReachedSites(workspace, target, isFinding(scan)))
    },
    get handed() {
      return once('handed', () => findHandedClasses(workspace, family))
    },
    get renamed() {
      return once('renamed', () => newRenamedFields(workspace, family, target, answers.members))
    },
    get loose() {
      return once('loose', () => newLooselyRead(workspace, family, target, answers.members))
    },
  }
  answersOf.set(scan, answers)
  return answers
}

const answersOf = new WeakMap<ScanResult, TreeAnswers>()

function newOnce(): <Name extends keyof TreeAnswers>(name: Name, ask: () => TreeAnswers[Name]) => TreeAnswers[Name] {
  const known: { -readonly [Name in keyof TreeAnswers]?: TreeAnswers[Name] } = {}
  return (name, ask) => (known[name] ??= ask())
}

/** As the file of a definition sees the target. */
function targetMembers({ workspace, scan, target }: Run): TargetMembers {
  const files = familyOf(scan).map(({ file }) => file)
  const own = files.find((file) => isTypedSource(file) && !file.includes('node_modules/') && workspace.projectOf(file))
  return own === undefined ? new Map() : readTargetMembers(workspace, own, target)
}

function isFinding({ findings }: ScanResult): (file: string, node: Node) => boolean {
  const spans = new Set(findings.map(({ file, start, end }) => spanKey(file, { start, end })))
  return (file, node) => spans.has(spanKey(file, node))
}
