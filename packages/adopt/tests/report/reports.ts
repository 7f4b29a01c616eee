// A report with one site of every status, for the formats to print.
import type { Report, ReportSite } from '../../src/report/report.ts'
import { makeFinding } from '../check/findings.ts'

export const makeSite = (parts: Partial<ReportSite> = {}): ReportSite => ({
  ...makeFinding(parts),
  status: 'new',
  ...parts,
})

const definition = (name: string, file: string) =>
  ({
    name,
    file,
    line: 12,
    start: 0,
    end: 9,
    form: 'interface',
    exported: true,
    generated: false,
    fields: [],
    importedBy: 3,
  }) as const

export const makeReport = (parts: Partial<Report> = {}): Report => ({
  version: 1,
  tool: 'user-execution-context 0.1.0',
  command: 'check',
  compiler: 'typescript 7.0.2',
  questions: 'all',
  partial: false,
  reasons: [],
  trust: {
    filesAnalysed: 380,
    filesOutsideTsconfig: 2,
    importsTotal: 2_400,
    importsUnresolved: 3,
    unresolvedModules: [['left-pad', 2]],
    unresolvedTypes: 5,
    typesAsked: 9_000,
    compilerFailures: 0,
    filesSkipped: 0,
    filesUnresolved: 0,
    filesNotRead: 0,
    filesGenerated: 0,
    figure: 0.99931,
  },
  headline: { moved: 1_210, total: 1_600, left: 390, fresh: 1 },
  canonical: definition('UserExecutionContext', 'src/context.ts'),
  canonicalEvidence: 'Imported by 212 files; the next one by 14.',
  duplicates: [
    {
      definition: definition('UserExecutionContext', 'src/legacy.ts'),
      kind: 'definition-overlap',
      score: 0.72,
      proof: { toCanonical: false, fromCanonical: true },
      difference: [
        {
          field: 'userId',
          verdict: 'same',
          canonical: { name: 'userId', type: 'string', optional: false },
          here: { name: 'userId', type: 'string', optional: false },
        },
        {
          field: 'session',
          verdict: 'only-here',
          canonical: undefined,
          here: { name: 'session', type: 'Map<string, Session>', optional: true },
        },
      ],
    },
  ],
  factories: [
    {
      name: 'createContext',
      file: 'src/factory.ts',
      line: 4,
      start: 0,
      end: 9,
      type: 'UserExecutionContext',
      signature: '(userId: string): UserExecutionContext',
      inferred: true,
      validates: false,
      callers: ['src/a.ts:3'],
      callerCount: 1,
    },
  ],
  generatedDefinitions: 2,
  sites: [
    makeSite(),
    makeSite({ line: 30 }),
    makeSite({ kind: 'cast', status: 'known', heldBy: 'check', file: 'src/jobs/nightly.ts' }),
    makeSite({ kind: 'new', status: 'suppressed', reason: 'the one factory', file: 'src/context.ts' }),
    makeSite({ kind: 'factory', status: 'shown', file: 'src/factory.ts' }),
  ],
  remarks: [
    {
      about: 'unused-suppression',
      file: 'src/a.ts',
      line: 4,
      message: 'This comment suppresses nothing. Remove it.',
      fails: true,
    },
  ],
  vouched: { inTests: 0, total: 1_210, byFile: [['src/a.ts', 1_210]] },
  burnDown: [
    { atMs: Date.UTC(2025, 0, 1), left: 1_600, moved: 0, kept: 0, reverted: 0 },
    { atMs: Date.UTC(2025, 2, 1), left: 390, moved: 1_215, kept: 1_210, reverted: 5 },
  ],
  notes: ['Delete the baseline.'],
  exitCode: 1,
  ...parts,
})
