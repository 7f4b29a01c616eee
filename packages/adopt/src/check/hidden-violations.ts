/**
 * What an option keeps from being looked for is not fixed: a baseline that lost it would let it come back, and the next
 * run without the option would call it new.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import type { BaselineEntry } from './baseline.ts'
import type { CliOptions } from '../cli-options.ts'
import { toPrintable } from '../report/paint.ts'
import { isGenerated } from '../scan/generated-code.ts'
import { splitTypeName } from '../scan/select-canonical.ts'

type Looked = {
  readonly root: string
  readonly options: Pick<CliOptions, 'type' | 'factory'>
  /** Whether generated code was analysed too. */
  readonly includesGenerated: boolean
}

/** @throws {AdoptError} `USAGE` when entries of the baseline were not looked for. */
export const assertAllLookedFor = (
  { root, options: { type, factory }, includesGenerated }: Looked,
  gone: readonly BaselineEntry[],
): void => {
  if (gone.length === 0) return
  if (type) assertSameTypes(type, gone)
  if (factory)
    throw new AdoptError(
      'USAGE',
      'With --factory, violations that the baseline accepts are not looked for, or are fixed: it cannot be told ' +
        'which. Leave --factory out, or name the factory in the configuration.',
    )
  const generated = includesGenerated ? [] : gone.filter(({ file }) => isGeneratedAt(root, file))
  const [first] = generated
  if (first)
    throw new AdoptError(
      'USAGE',
      `The baseline accepts violations in generated code (${toPrintable(first.file)}), which is left out: they would ` +
        'count as fixed. Add --generated, or set includeGenerated in the configuration.',
    )
}

function isGeneratedAt(root: string, file: string): boolean {
  const path = join(root, file)
  return existsSync(path) && isGenerated(file, readFileSync(path, 'utf8'))
}

/** A definition that looked like a named type counts as its own type here. */
function assertSameTypes(types: readonly string[], gone: readonly BaselineEntry[]): void {
  const named = types.map((type) => splitTypeName(type)[1])
  const others = [...new Set(gone.map(({ type }) => type))].filter((type) => !named.includes(type))
  if (others.length === 0) return
  throw new AdoptError(
    'USAGE',
    `The baseline accepts violations of ${others.slice(0, 5).map(toPrintable).join(', ')}, which --type leaves out: ` +
      'they would count as fixed. Leave --type out, or name every type of the baseline.',
  )
}
