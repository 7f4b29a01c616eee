// The judge is judged first: the generated code base is what it says it is.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compilerErrors, openLegacyApp, runOwnTests, type LegacyApp } from './legacy-app.ts'

describe('the legacy code base', () => {
  let app: LegacyApp
  beforeAll(() => void (app = openLegacyApp()))
  afterAll(() => app.remove())

  it('has 380 files, 54 factories, 1,600 direct constructions and a third of them wrong', () => {
    const { files, factories, sites } = app.truth
    expect([files.length, factories.length, sites.length]).toEqual([380, 54, 1600])
    expect(sites.filter((site) => !site.valid)).toHaveLength(533)
  })

  it('plants every kind of direct construction', () => {
    const kinds = new Set(app.truth.sites.map((site) => site.kinds[0]))
    expect([...kinds].sort()).toEqual([
      'any-flow',
      'cast',
      'cast-double',
      'cast-downcast',
      'literal-annotation',
      'literal-argument',
      'literal-default',
      'literal-inferred-return',
      'literal-property',
      'literal-return',
      'literal-satisfies',
      'literal-untyped',
      'new',
    ])
  })

  it('plants each site on a line of its own, where the list says', () => {
    const places = app.truth.sites.map((site) => `${site.file}:${site.line}`)
    expect(new Set(places).size).toBe(places.length)
    for (const site of app.truth.sites.filter(({ kinds }) => kinds[0] === 'new')) {
      const text = readFileSync(join(app.root, site.file), 'utf8').replace(/^\uFEFF/, '')
      expect(text.slice(site.start, site.start + 4)).toBe('new ')
      expect(text.split('\n')[site.line - 1]?.slice(site.column - 1, site.column + 3)).toBe('new ')
    }
  })

  it('leaves no note of the generator in the code', () => {
    for (const file of app.truth.files) expect(readFileSync(join(app.root, file), 'utf8')).not.toContain('/*#')
  })

  it('is green for the pinned compiler', () => {
    expect(compilerErrors(app.root)).toBe('')
  })

  it('passes its own tests', () => {
    const { passed, failed, output } = runOwnTests(app.root)
    expect(output).toBe('')
    expect(failed).toBe(0)
    expect(passed).toBeGreaterThan(300)
  })

  it('is the same for the same seed and another for another', () => {
    const [again, other] = [openLegacyApp(), openLegacyApp({ seed: 2 })]
    expect(again.truth).toEqual(app.truth)
    expect(other.truth).not.toEqual(app.truth)
    expect(compilerErrors(other.root)).toBe('')
    again.remove()
    other.remove()
  })
})
