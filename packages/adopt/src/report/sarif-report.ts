/**
 * SARIF 2.1.0, for code scanning services. Partial fingerprints let a service follow a site through edits above it.
 */
import { kindGuide } from '../kind-guide.ts'
import type { FindingKind } from '../finding.ts'
import type { Report, ReportSite, SiteStatus } from './report.ts'

/** Key of the fingerprint; the number rises when the way of computing it changes. */
export const fingerprintKey = 'userExecutionContext/v1'

/**
 * Prints the report as SARIF.
 *
 * @param prefix - Path from the repository's top to the root, with a closing slash, or empty: services count from the
 * top.
 */
export const printSarif = (report: Report, prefix: string): string => {
  const kinds = Object.keys(kindGuide) as FindingKind[]
  const ordinals = new Map<string, number>()
  const results = report.sites.map((site) => {
    const ordinal = (ordinals.get(site.fingerprint) ?? 0) + 1
    ordinals.set(site.fingerprint, ordinal)
    return toResult(site, {
      ordinal,
      ruleIndex: kinds.indexOf(site.kind),
      prefix,
      hasBaseline: report.command === 'check',
    })
  })
  const [name, version] = report.tool.split(' ')
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name, version, rules: kinds.map(toRule) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: !report.partial,
            toolExecutionNotifications: [
              ...report.reasons.map(toWarning),
              ...report.remarks.map(({ message }) => toWarning(message)),
            ],
          },
        ],
        results,
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

const toRule = (kind: FindingKind): object => {
  const { title, meaning, fix, severity } = kindGuide[kind]
  return {
    id: kind,
    shortDescription: { text: title },
    fullDescription: { text: meaning },
    help: { text: fix },
    defaultConfiguration: { level: severity === 'violation' ? 'error' : 'note' },
  }
}

const toWarning = (text: string): object => ({ level: 'warning', message: { text } })

type ResultFacts = {
  readonly ordinal: number
  readonly ruleIndex: number
  readonly prefix: string
  readonly hasBaseline: boolean
}

const toResult = (site: ReportSite, { ordinal, ruleIndex, prefix, hasBaseline }: ResultFacts): object => {
  const { title, fix } = kindGuide[site.kind]
  return {
    ruleId: site.kind,
    ruleIndex,
    level: levels[site.status],
    message: { text: `${title} of ${site.type}. ${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: {
            uri: (prefix + site.file).split('/').map(encodeURIComponent).join('/'),
            uriBaseId: '%SRCROOT%',
          },
          region: { startLine: site.line, startColumn: site.column },
        },
        ...(site.enclosing === '' ? {} : { logicalLocations: [{ fullyQualifiedName: site.enclosing }] }),
      },
    ],
    partialFingerprints: { [fingerprintKey]: `${site.fingerprint}:${ordinal}` },
    properties: { heldBy: site.heldBy, status: site.status },
    ...(hasBaseline && site.status !== 'shown'
      ? { baselineState: site.status === 'new' || site.status === 'elsewhere' ? 'new' : 'unchanged' }
      : {}),
    ...toSuppressions(site),
  }
}

const levels: Readonly<Record<SiteStatus, string>> = {
  new: 'error',
  elsewhere: 'warning',
  open: 'warning',
  known: 'note',
  accepted: 'note',
  suppressed: 'note',
  shown: 'note',
}

const toSuppressions = ({ status, reason }: ReportSite): object => {
  if (status === 'suppressed') return { suppressions: [{ kind: 'inSource', justification: reason }] }
  if (status !== 'known' && status !== 'accepted') return {}
  return { suppressions: [{ kind: 'external', status: 'accepted', justification: reason ?? 'In the baseline.' }] }
}
