/**
 * `seal`: closes the constructor of a class of the user's own, and proves that nothing else fits it. A dry run unless
 * `--write`.
 */
import { AdoptError } from '../adopt-error.ts'
import type { Command } from '../invocation.ts'
import { assertCommitted } from '../migrate/git-tree.ts'
import { toPrintable } from '../report/paint.ts'
import { scan } from '../scan/scan.ts'
import { seal } from '../seal/seal.ts'

/** Runs `seal`. Exit code 1 when the class is not sealed or a dry run would seal it. */
export const runSeal: Command = async ({ root, options, scanOptions, stdout }) => {
  const name = options.type?.[0]
  if (name === undefined) throw new AdoptError('USAGE', 'Name the class: seal NAME, or seal path#NAME.')
  if (options.write && !options.force) assertCommitted(root)
  const found = await scan({ ...scanOptions, types: [name], probe: false })
  const result = await seal(found, scanOptions, options)
  if ('reason' in result) {
    stdout.write(toPrintable(`${result.name} is not sealed: ${result.reason}.`) + '\n')
    return 1
  }
  if (!options.write) stdout.write(result.diffs.map((diff) => diff.replace(/\n?$/, '\n')).join(''))
  const made = `${result.name}.${result.maker}()`
  stdout.write(
    `${options.write ? 'Sealed' : 'Dry run, nothing was written (--write)'}: ${result.name} comes from ${made} ` +
      'alone, and a copy of its fields does not compile.' +
      `${result.isNewMaker ? ` ${made} is new and checks nothing yet: let it check what it is given.` : ''}\n`,
  )
  return options.write ? 0 : 1
}
