/**
 * Seals a class of the user's own, and proves it: a value that only has its fields no longer fits.
 */
import { AdoptError } from '../adopt-error.ts'
import { openChecker } from '../engine/open-checker.ts'
import { toFileBytes } from '../engine/source-text.ts'
import { readSourceTree } from '../engine/source-tree.ts'
import { lineOf } from '../engine/syntax.ts'
import { findNewDiagnostics } from '../migrate/diagnostic-difference.ts'
import { writeAndRemember } from '../migrate/last-write.ts'
import { toUnifiedDiff } from '../migrate/unified-diff.ts'
import { clearOverlay, diagnose, openWorkspace, renderAll, textsOf } from '../migrate/workspace.ts'
import type { DefinitionFact, ScanOptions, ScanResult } from '../scan/scan-result.ts'
import { runUninterrupted } from '../uninterrupted.ts'
import { planSeal } from './plan-seal.ts'

/** What a seal would write or has written, or why the class is not sealed. */
export type SealResult =
  | { readonly name: string; readonly maker: string; readonly isNewMaker: boolean; readonly diffs: readonly string[] }
  | { readonly name: string; readonly reason: string }

/** @throws {AdoptError} `USAGE` for a type that is no class of the tree, and what a write throws. */
export const seal = async (
  found: ScanResult,
  scan: ScanOptions,
  { write = false }: { readonly write?: boolean | undefined },
): Promise<SealResult> => {
  const definition = requireClass(found)
  const { root, configFiles, engine } = scan
  const checker = await openChecker(
    { root, ...(configFiles && { configFiles }), ...(engine && { engine }) },
    readSourceTree(root, scan),
  )
  try {
    const workspace = openWorkspace(root, checker, found.digests)
    const plan = planSeal(workspace, definition)
    const { name } = definition
    if ('reason' in plan) return { name, reason: plan.reason }
    const before = diagnose(workspace, new Map())
    const texts = textsOf(renderAll(workspace, plan.units))
    const [fresh] = findNewDiagnostics(before, diagnose(workspace, texts))
    if (fresh) {
      const [file, [one]] = fresh
      const line = lineOf(texts.get(file) ?? workspace.source(file).text, one!.start)
      return {
        name,
        reason:
          `${file}:${line} would not compile (TS${one!.code}): ` +
          'it uses the class in a way that a sealed one refuses',
      }
    }
    // Every field of the class, and nothing else: a class that takes this is not sealed.
    const text = texts.get(definition.file)!
    const probe =
      `\ndeclare const adoptProbe: { [Key in keyof ${name}]: ${name}[Key] };\n` +
      `export const adoptProbed: ${name} = adoptProbe;\n`
    const probed = diagnose(workspace, new Map([...texts, [definition.file, text + probe]]), new Set([definition.file]))
    const isHeld = (probed.get(definition.file) ?? []).some(({ start }) => start > text.length)
    clearOverlay(workspace)
    if (!isHeld) return { name, reason: 'a copy of its fields still fits it' }
    const diffs = [...texts].map(([file, after]) => toUnifiedDiff(file, workspace.source(file).text, after))
    if (write) {
      const writes = [...texts].map(([file, after]) => {
        const source = workspace.source(file)
        return { file, hash: source.digest, bytes: toFileBytes(source, after) }
      })
      runUninterrupted(() => writeAndRemember(root, writes))
    }
    return { name, maker: plan.maker, isNewMaker: plan.isNewMaker, diffs }
  } finally {
    await checker.close()
  }
}

function requireClass({ canonical }: ScanResult): DefinitionFact {
  if (
    canonical?.form === 'class' &&
    !canonical.file.split('/').includes('node_modules') &&
    !canonical.file.startsWith('..')
  )
    return canonical
  throw new AdoptError(
    'USAGE',
    canonical && canonical.form !== 'class'
      ? `${canonical.name} is no class: any value with its fields fits it. Make it a class with a static maker and ` +
          'run this again, or let migrate move it to the sealed type of this package.'
      : 'seal needs a class of this code base.',
  )
}
