// The page for everybody: keyboard only, screen reader, light and dark, phone width.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestNotesServer, type TestServer } from '../test-notes-server.ts'
import { openBrowser, openPage, type User } from './browser.ts'
import { findContrastFaults, type ContrastFault } from './contrast.ts'

let browser: Browser
let server: TestServer

beforeAll(async () => {
  ;[browser, server] = await Promise.all([openBrowser(), openTestNotesServer()])
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

const withUser = async (options: Parameters<typeof openPage>[2], use: (user: User) => Promise<void>): Promise<void> => {
  const user = await openPage(browser, server, options)
  await use(user)
  expect(user.problems).toEqual([])
  await user.close()
}

const focusedName = (page: Page): Promise<string> =>
  page.evaluate(
    `(document.activeElement.id || document.activeElement.textContent || document.activeElement.tagName).trim()`,
  )

/** Presses Tab until an element has the focus; fails when the whole page was walked without it. */
const tabTo = async (page: Page, name: string): Promise<void> => {
  for (let presses = 0; presses < 40; presses++) {
    if ((await focusedName(page)) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reached ${name}`)
}

describe('the page, by keyboard only', () => {
  test('signs in, asks, opens a tool, chooses a thread, and signs out', () =>
    withUser({}, async ({ page }) => {
      expect(await focusedName(page)).toBe('user-name')
      await page.keyboard.type('alice')
      await page.keyboard.press('Tab')
      await page.keyboard.type(server.users[0].password)
      await page.keyboard.press('Enter')
      await page.getByText('Connected', { exact: true }).waitFor()
      expect(await focusedName(page)).toBe('message')

      await page.keyboard.type('add tea')
      await page.keyboard.press('Shift+Enter')
      await page.keyboard.type('and milk')
      await page.keyboard.press('Enter')
      await page.locator('.run[data-state=done]').waitFor()
      expect(await page.locator('.prompt-text').textContent()).toBe('add tea\nand milk')
      expect(await focusedName(page)).toBe('message')

      await page.evaluate(`document.getElementById('conversation').focus()`)
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      expect(await page.locator('details.tool').getAttribute('open')).not.toBeNull()

      await page.evaluate(
        `document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex')`,
      )
      await page.keyboard.press('Tab')
      expect(await focusedName(page)).toBe('Skip to the message field')
      await page.keyboard.press('Enter')
      expect(await focusedName(page)).toBe('message')

      await page.evaluate(
        `document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex')`,
      )
      // The list is fetched a moment after the run has ended.
      await page.locator('#thread-list button').waitFor()
      await tabTo(page, 'new-thread-button')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      expect(await focusedName(page)).toBe('thread-title')

      await page.evaluate(
        `document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex')`,
      )
      await tabTo(page, 'sign-out-button')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      expect(await focusedName(page)).toBe('user-name')
    }))

  test('shows where the focus is, on every element that takes it', () =>
    withUser({}, async ({ page, signIn }) => {
      await signIn(0)
      const seen = new Set<string>()
      for (let presses = 0; presses < 12; presses++) {
        await page.keyboard.press('Tab')
        const name = await focusedName(page)
        if (seen.has(name)) break
        seen.add(name)
        const width = await page.evaluate(`parseFloat(getComputedStyle(document.activeElement).outlineWidth)`)
        expect(width, name).toBeGreaterThanOrEqual(2)
      }
      expect(seen.size).toBeGreaterThan(5)
    }))
})

describe('the page, for a screen reader', () => {
  test('has landmarks, one heading of level 1, labels, and says when the agent has finished', () =>
    withUser({}, async ({ page, signIn, ask }) => {
      await signIn(0)
      for (const role of ['banner', 'main', 'navigation'] as const)
        expect(await page.getByRole(role).count(), role).toBe(1)
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
      await page.getByRole('textbox', { name: 'Message' }).waitFor()
      await page.getByRole('form', { name: 'New message' }).waitFor()
      await page.getByRole('region', { name: 'Conversation' }).waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
      await ask('add honey 4')
      await expect
        .poll(() => page.getByRole('status').textContent())
        .toMatch(/^The agent has finished\. Kept as note \d+\.$/)
      expect(await page.locator('.run').last().ariaSnapshot()).toContain('You: add honey 4')
      expect(await page.locator('.run').last().ariaSnapshot()).toContain('Agent: Kept as note')
    }))
})

describe.each(['light', 'dark'] as const)('the page, %s', (colorScheme) => {
  test('has text that stands out from its ground by 4.5 to 1, and edges of controls by 3 to 1', () =>
    withUser({ colorScheme }, async ({ page, signIn, ask }) => {
      const faults: ContrastFault[] = await findContrastFaults(page)
      await signIn(0)
      faults.push(...(await findContrastFaults(page)))
      await ask('sum of honey')
      await page.locator('.run[data-state=done]').waitFor()
      await page.locator('details.tool summary').first().click()
      faults.push(...(await findContrastFaults(page)))
      expect(faults).toEqual([])
    }))
})

describe.each([390, 320])('the page, %i pixels wide', (width) => {
  test('fits, keeps targets large enough for a finger, and opens and closes the threads', () =>
    withUser({ viewport: { width, height: 700 }, hasTouch: true }, async ({ page, signIn, ask }) => {
      const overflow = (): Promise<number> => page.evaluate('document.scrollingElement.scrollWidth - innerWidth')
      expect(await overflow()).toBe(0)
      await signIn(0)
      await ask(`add a-very-long-word-${'x'.repeat(120)} at the end`)
      await page.locator('.run[data-state=done]').waitFor()
      await page.locator('details.tool summary').first().click()
      expect(await overflow()).toBe(0)
      const small = await page.evaluate(`[...document.querySelectorAll('button, textarea, input')]
      .filter((element) => element.checkVisibility())
      .map((element) => [element.id || element.textContent, element.getBoundingClientRect()])
      .filter(([, { width, height }]) => width < 44 || height < 44).map(([name]) => name)`)
      expect(small).toEqual([])

      const toggle = page.getByRole('button', { name: 'Threads' })
      await toggle.tap()
      expect(await toggle.getAttribute('aria-expanded')).toBe('true')
      await page.getByRole('navigation', { name: 'Threads' }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('navigation', { name: 'Threads' }).waitFor({ state: 'hidden' })
      expect(await focusedName(page)).toBe('threads-button')

      // Over the end of the list the focus does not go behind it.
      await toggle.tap()
      for (let presses = 0; presses < 10 && (await toggle.getAttribute('aria-expanded')) === 'true'; presses++)
        await page.keyboard.press('Tab')
      expect(await toggle.getAttribute('aria-expanded')).toBe('false')
      await toggle.tap()
      await page.evaluate(`document.activeElement.blur(), document.getElementById('sign-out-button').click()`)
      await signIn(1)
      expect(await toggle.getAttribute('aria-expanded')).toBe('false')
    }))
})
