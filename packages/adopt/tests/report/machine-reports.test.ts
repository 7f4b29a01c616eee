import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findSchemaIssues } from '../../src/json-schema.ts'
import { printGithub } from '../../src/report/github-report.ts'
import { printMarkdown } from '../../src/report/markdown-report.ts'
import { printSarif } from '../../src/report/sarif-report.ts'
import { makeReport, makeSite } from './reports.ts'

const schema = JSON.parse(readFileSync('schema/report.schema.json', 'utf8'))

describe('the JSON report', () => {
  test('fits the shipped schema', () => {
    expect(findSchemaIssues(JSON.parse(JSON.stringify(makeReport())), schema)).toEqual([])
  })

  test.each([
    ['another version', { version: 2 }],
    ['an unknown status', { sites: [{ ...makeSite(), status: 'odd' }] }],
    ['a field that the schema does not know', { extra: 1 }],
  ])('does not fit it with %s', (_what, parts) => {
    expect(findSchemaIssues({ ...JSON.parse(JSON.stringify(makeReport())), ...parts }, schema)).toHaveLength(1)
  })
})

describe('printSarif', () => {
  const log = JSON.parse(printSarif(makeReport(), 'packages/app/'))
  const results = log.runs[0].results

  test('gives each site a rule, a place from the top of the repository and a level', () => {
    expect(results[0]).toMatchObject({
      ruleId: 'literal-argument',
      level: 'error',
      baselineState: 'new',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'packages/app/src/chat.ts' },
            region: { startLine: 3, startColumn: 5 },
          },
        },
      ],
    })
    expect(log.runs[0].tool.driver.rules[results[0].ruleIndex].id).toBe('literal-argument')
  })

  test('tells two equal sites of one file apart, and needs no line number for it', () => {
    const keys = results
      .slice(0, 2)
      .map(
        (result: { partialFingerprints: Record<string, string> }) =>
          result.partialFingerprints['userExecutionContext/v1'],
      )
    expect(keys).toEqual([`${makeSite().fingerprint}:1`, `${makeSite().fingerprint}:2`])
  })

  test('marks known and suppressed sites as suppressed, with the reason', () => {
    expect(results[2].suppressions[0]).toMatchObject({ kind: 'external' })
    expect(results[3].suppressions[0]).toEqual({ kind: 'inSource', justification: 'the one factory' })
  })

  test('says when the run was partial', () => {
    const partial = JSON.parse(printSarif(makeReport({ partial: true, reasons: ['x'] }), ''))
    expect(partial.runs[0].invocations[0].executionSuccessful).toBe(false)
  })
})

describe('printGithub', () => {
  test('annotates what is new and nothing else', () => {
    const lines = printGithub(makeReport(), 'app/').split('\n')
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(3)
    expect(lines[0]).toMatch(
      /^::error file=app\/src\/chat\.ts,line=3,col=5,title=literal as argument of UserExecutionContext::.*%0AFix: /,
    )
  })

  test('lets a file name begin no command of its own', () => {
    const text = printGithub(makeReport({ sites: [makeSite({ file: 'a\n::add-path::/x,line=9:b%0A.ts' })] }), '')
    expect(text.split('\n').some((line) => line.startsWith('::add-path'))).toBe(false)
    expect(text).toContain('file=a%0A%3A%3Aadd-path%3A%3A/x%2Cline=9%3Ab%250A.ts,line=3')
  })
})

describe('printMarkdown', () => {
  test('leads with the headline and lists what is new', () => {
    const text = printMarkdown(makeReport())
    expect(text).toMatch(/^## 1,210 of 1,600 moved, 390 left, 1 new\n/)
    expect(text).toContain('| `src/chat.ts:3` | literal-argument of `UserExecutionContext` | `ChatService.handle` |')
  })

  test('keeps names of the code base inside their code span and cell', () => {
    const text = printMarkdown(makeReport({ sites: [makeSite({ file: 'a`|<img src=x>`.ts', enclosing: '' })] }))
    expect(text).toContain('| ``a`\u2502<img src=x>`.ts:3`` |')
  })

  test('stays within a comment: a hundred sites and the count of the rest', () => {
    const text = printMarkdown(makeReport({ sites: Array.from({ length: 5_000 }, (_, line) => makeSite({ line })) }))
    expect(text).toContain('and 4,900 more')
    expect(text.length).toBeLessThan(65_000)
  })
})
