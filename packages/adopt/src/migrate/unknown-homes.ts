/**
 * Refuses a home that nothing would be filled from: a value that is sent there would be dropped without a word.
 */
import { AdoptError } from '../adopt-error.ts'
import type { MigrateTarget } from './migrate-options.ts'

type Homes = {
  readonly target: MigrateTarget
  readonly testTarget: MigrateTarget | undefined
  /** Beside those of the targets, and for both. */
  readonly fields: MigrateTarget['fields'] | undefined
}

/** @throws {AdoptError} `USAGE`, with every field whose home is unknown, and the homes that there are. */
export const assertHomesKnown = ({ target, testTarget, fields }: Homes): void => {
  const tests = testTarget ? [testTarget] : []
  const issues = [
    ...[target, ...tests].flatMap((one) => findUnknown('target', one.fields, placesOf([one]))),
    ...findUnknown('fields', fields ?? {}, placesOf([target, ...tests])),
  ]
  if (issues.length > 0) throw new AdoptError('USAGE', issues.join('\n'))
}

const findUnknown = (where: string, fields: MigrateTarget['fields'], places: ReadonlySet<string>): string[] =>
  Object.entries(fields).flatMap(([field, { to }]) => {
    const [first = '', ...below] = to.split('.')
    const isWhole = below.every((word) => word !== '') && !(first === 'drop' && below.length > 0)
    if (isWhole && (first === 'drop' || places.has(first))) return []
    const known = ['drop', ...places].map((one) => `"${one}"`).join(', ')
    return [`migrate.${where} sends ${field} to "${to}", which is no home. Homes begin with one of: ${known}.`]
  })

/** The places that the expressions have: `reason` is written by the tool. */
const placesOf = (targets: readonly MigrateTarget[]): ReadonlySet<string> =>
  new Set(
    targets
      .flatMap(({ expression }) => [...expression.matchAll(/\{(?:\.\.\.)?(\w+)\}/g)].map(([, name]) => name!))
      .filter((name) => name !== 'reason'),
  )
