/**
 * Refuses an answer about a type that nobody named and nothing makes: "0 left" would be read as "clean".
 */
import { AdoptError } from '../adopt-error.ts'
import type { Invocation } from '../invocation.ts'
import type { Scan, ScanResult } from '../scan/scan-result.ts'
import { rankCandidates } from './rank-candidates.ts'
import { readCandidates } from './read-candidates.ts'

/**
 * Without a configuration the type of the package is looked for as soon as the package is installed. A tree that makes
 * none of it, and has a context type of its own, was asked about the wrong type.
 *
 * @throws {AdoptError} `TYPE_UNKNOWN`, which names the likely type and `init`.
 */
export const assertGuessFits = async (result: ScanResult, { scanOptions, root }: Invocation): Promise<void> => {
  const { canonical } = result
  if (scanOptions.types !== undefined || canonical === undefined || result.findings.length > 0) return
  if (Object.hasOwn(result.digests, canonical.file)) return
  const { definitions, importsMaker } = await readCandidates(root)
  const likely = importsMaker ? undefined : rankCandidates(definitions)[0]?.definitions[0]
  if (!likely) return
  throw new AdoptError(
    'TYPE_UNKNOWN',
    `Nothing in ${root} makes a ${canonical.name}, the type that is looked for without a configuration, but ` +
      `${likely.name} (${likely.file}:${likely.line}) looks like a context. Run init to write a configuration, or ` +
      'name the type with --type.',
    { file: root },
  )
}

/** The scan of a command that begins with one: its first answer has to be about the right type. */
export const scanThatFits =
  (scan: Scan, invocation: Invocation): Scan =>
  async (options) => {
    const result = await scan(options)
    if (options.texts === undefined) await assertGuessFits(result, invocation)
    return result
  }
