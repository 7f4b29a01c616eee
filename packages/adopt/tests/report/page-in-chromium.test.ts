import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installChromium, launchArguments } from '../../../../scripts/chromium.mjs'
import { printHtml } from '../../src/report/page/html-report.ts'
import { makeReport, makeSite } from './reports.ts'

const hostile = `</script><script>document.title = 'taken'</script><img src=x onerror="document.title = 'taken'">`
const sites = Array.from({ length: 50_000 }, (_, index) =>
  makeSite({
    file: `src/${['chat', 'jobs', 'billing'][index % 3]}/part-${index % 200}.ts`,
    line: index + 1,
    kind: index % 5 === 0 ? 'cast' : 'literal-argument',
    status: index === 7 ? 'new' : 'known',
    text: index === 11 ? hostile : '{ userId }',
    enclosing: index === 11 ? hostile : 'run',
  }),
)
const address = (): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'page-')), 'report.html')
  writeFileSync(file, printHtml(makeReport({ sites })))
  return pathToFileURL(file).href
}

describe('the page in Chromium, with 50,000 sites', () => {
  let browser: Browser
  let url: string
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: installChromium(), args: [...launchArguments] })
    url = address()
  })
  afterAll(() => browser?.close())

  const open = async (
    options: Parameters<Browser['newPage']>[0] = {},
  ): Promise<{ page: Page; said: string[]; asked: string[] }> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
    const [said, asked]: [string[], string[]] = [[], []]
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(String(error)))
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(url)
    return { page, said, asked }
  }
  const shownOf = (page: Page): Promise<string | null> => page.textContent('#shown')

  test('draws only the rows in sight, and loads nothing but itself', async () => {
    const { page, said, asked } = await open()
    expect(await shownOf(page)).toBe('50,000 of 50,000')
    expect(await page.locator('.row').count()).toBeLessThan(60)
    await page.locator('#list').focus()
    await page.keyboard.press('End')
    await page.waitForSelector('#row-49999')
    expect(await page.textContent('#detail .place')).toBe(`${sites.at(-1)?.file}:50000:5`)
    expect([said, asked]).toEqual([[], [url]])
    await page.close()
  })

  test('filters by words, by kind and state, and by a cell of the directory table', async () => {
    const { page } = await open()
    await page.fill('#query', 'billing part-101.ts')
    expect(await shownOf(page)).toBe(
      `${sites.filter(({ file }) => file === 'src/billing/part-101.ts').length} of 50,000`,
    )
    await page.selectOption('#kind', 'cast')
    expect(await shownOf(page)).toBe('0 of 50,000')
    await page.click('#reset')
    await page.selectOption('#status', 'new')
    expect(await shownOf(page)).toBe('1 of 50,000')
    const casts = sites.filter(({ file, kind }) => kind === 'cast' && file.startsWith('src/jobs/')).length
    await page.click('button[data-directory="src/jobs"][data-kind="cast"]')
    expect(await shownOf(page)).toBe(`${casts.toLocaleString('en')} of 50,000 in src/jobs`)
    await page.close()
  })

  test('shows the code, the meaning and the fix of the site that is chosen', async () => {
    const { page } = await open()
    await page.fill('#query', 'part-7.ts:8:')
    await page.click('.row')
    const detail = await page.textContent('#detail')
    for (const said of [
      '{ userId }',
      'An object literal passed where a context is expected',
      'Take the context as a parameter',
      'new, held by tsc',
    ])
      expect(detail).toContain(said)
    await page.close()
  })

  test('shows hostile names as text, and its policy lets nothing else run', async () => {
    const { page } = await open()
    await page.fill('#query', 'taken')
    await page.click('.row')
    expect(await page.textContent('#detail pre')).toBe(hostile)
    expect(await page.title()).not.toBe('taken')
    const isRefused = await page.evaluate(
      `(() => { try { document.body.innerHTML = '<p>x</p>'; return false } catch { return true } })()`,
    )
    expect(isRefused).toBe(true)
    await page.close()
  })

  test.each([
    [1280, 'light'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('fits %d pixels, %s', async (width, colorScheme) => {
    const { page } = await open({ viewport: { width, height: 844 }, colorScheme })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    const paper = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const [red = 0] = (paper.match(/\d+/g) ?? []).map(Number)
    expect(red > 128).toBe(colorScheme === 'light')
    await page.close()
  })
})
