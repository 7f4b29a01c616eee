import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { printHtml } from '../../src/report/page/html-report.ts'
import type { PageData } from '../../src/report/page/page-data.ts'
import { makeReport, makeSite } from './reports.ts'

const partsOf = (page: string) => {
  const scripts = [...page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)]
  return {
    scripts,
    policy: /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '',
    data: JSON.parse(scripts[0]?.[2] ?? '') as PageData,
  }
}
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')

describe('printHtml', () => {
  test('has the headline, both definitions of a pair, the factory and the burn-down', () => {
    const page = printHtml(makeReport())
    for (const said of [
      '<h1>1,210 of 1,600 moved, 390 left, 1 new</h1>',
      '<code>session?: Map&lt;string, Session&gt;</code>',
      '<code>createContext(userId: string)',
      '2025-01-01: 1,600 left',
    ]) {
      expect(page).toContain(said)
    }
  })

  test('loads nothing from outside itself, and lets only its own script and style run', () => {
    const page = printHtml(makeReport())
    const { scripts, policy } = partsOf(page)
    expect(page).not.toMatch(/\b(?:src|href)=|@import|url\(|https?:/)
    expect(scripts.map(([, attributes]) => attributes)).toEqual([' type="application/json" id="data"', ''])
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src 'sha256-${sha256(scripts[1]?.[2] ?? '')}'`,
      `style-src 'sha256-${sha256(/<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '')}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ])
  })

  test('lets no text of the code base become markup, wherever it stands', () => {
    const hostile = `</script><script>alert(1)</script><img src=x onerror="alert('1')">\u202e<!--`
    const fact = { name: hostile, file: hostile, line: 1, start: 0, end: 1 }
    const definition = { ...fact, form: 'class', exported: true, generated: false, fields: [], importedBy: 0 } as const
    const field = { name: hostile, type: hostile, optional: false }
    const page = printHtml(
      makeReport({
        canonical: definition,
        canonicalEvidence: hostile,
        duplicates: [
          {
            definition,
            kind: 'definition-shape',
            score: 1,
            proof: undefined,
            difference: [{ field: hostile, verdict: 'type', canonical: field, here: field }],
          },
        ],
        factories: [
          { ...fact, type: hostile, signature: hostile, inferred: false, validates: true, callers: [], callerCount: 0 },
        ],
        sites: [
          makeSite({ file: `${hostile}/a.ts`, enclosing: hostile, text: hostile, type: hostile, reason: hostile }),
        ],
        remarks: [{ about: 'stale-baseline', file: hostile, line: 1, message: hostile, fails: true }],
        partial: true,
        reasons: [hostile],
        notes: [hostile],
        trust: { ...makeReport().trust, unresolvedModules: [[hostile, 1]] },
        tool: hostile,
        compiler: hostile,
      }),
    )
    expect(partsOf(page).scripts).toHaveLength(2)
    expect(page).not.toMatch(/<img|\u202e|<!--|<script>alert/)
    expect(partsOf(page).data.words.some((word) => word.includes('<img src=x'))).toBe(true)
  })

  test('carries every site, and shares repeated words', () => {
    const sites = Array.from({ length: 50_000 }, (_, line) => makeSite({ line, file: `src/${line % 300}.ts` }))
    const page = printHtml(makeReport({ sites }))
    expect(partsOf(page).data.rows).toHaveLength(50_000)
    expect(page.length).toBeLessThan(3_000_000)
  })
})
