// The panel for everybody: keyboard only, phone width, large text, light and dark.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { findContrastFaults } from './contrast.ts'
import { eachPage, forge } from './each-page.ts'

const pages = eachPage()
const focusedId = (page: Page): Promise<string> => page.evaluate('document.activeElement.id')

describe('the panel', () => {
  test('is opened, used and closed by keyboard, and on a phone never hides what has the focus', async () => {
    const { page, signIn } = await pages.open({ viewport: { width: 390, height: 700 } })
    await signIn(0)
    const toggle = page.getByRole('button', { name: 'Context' })
    expect(await toggle.getAttribute('aria-expanded')).toBe('false')
    await toggle.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Context of the run' }).waitFor()
    expect(await focusedId(page)).toBe('context-title')
    await page.keyboard.press('Tab')
    expect(await focusedId(page)).toBe('forge-button')
    await page.keyboard.press('Enter')
    await page.locator('.forgery').nth(2).waitFor()
    expect(await focusedId(page)).toBe('forge-button')
    await page.keyboard.press('Escape')
    await page.locator('#context').waitFor({ state: 'hidden' })
    expect(await focusedId(page)).toBe('context-button')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Shift+Tab')
    await page.locator('#context').waitFor({ state: 'hidden' })
    expect(await toggle.getAttribute('aria-expanded')).toBe('false')
    // One thing at a time lies over the conversation.
    await toggle.click()
    await page.evaluate('document.activeElement.blur()')
    await page.getByRole('button', { name: 'Threads' }).click()
    expect(await toggle.getAttribute('aria-expanded')).toBe('false')
    await page.locator('#context').waitFor({ state: 'hidden' })
  })

  test('stays where it has a column of its own, wherever the focus goes', async () => {
    const { page, signIn } = await pages.open()
    await signIn(0)
    await page.locator('#forge-button').focus()
    await page.getByLabel('Message', { exact: true }).focus()
    expect(await page.locator('#context').isVisible()).toBe(true)
  })

  test.each([
    ['light', 1280, 16],
    ['dark', 1280, 16],
    ['dark', 390, 16],
    ['light', 390, 32],
    ['dark', 320, 32],
  ] as const)(
    '%s, %i pixels wide, text of %i pixels: clips nothing and is readable',
    async (colorScheme, width, size) => {
      const { page, signIn, ask } = await pages.open({ colorScheme, viewport: { width, height: 800 } })
      await page.evaluate(`document.documentElement.style.fontSize = '${size}px'`)
      await signIn(0)
      await ask('add tea')
      await page.locator('.run[data-state=done]').waitFor()
      const toggle = page.getByRole('button', { name: 'Context' })
      if ((await toggle.getAttribute('aria-expanded')) === 'false') await toggle.click()
      await page.getByText('All fields, as they may be logged').click()
      await forge(page)
      expect(await page.evaluate('document.scrollingElement.scrollWidth - innerWidth')).toBe(0)
      const clipped = await page.evaluate(`[...document.querySelectorAll('#context, #context *, .bar button')]
      .filter((element) => element.checkVisibility())
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect()
        return left < -0.5 || right > innerWidth + 0.5 || element.scrollWidth > element.clientWidth + 1 &&
          getComputedStyle(element).display !== 'inline'
      })
      .map((element) => element.id || element.className || element.textContent)`)
      expect(clipped).toEqual([])
      if (width === 390 && size === 16)
        expect(await page.evaluate(`document.querySelector('.bar').getBoundingClientRect().height`)).toBeLessThan(70)
      const small = await page.evaluate(`[...document.querySelectorAll('#context button, #context a, .bar button')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
      .map((element) => element.id)`)
      expect(small).toEqual([])
      expect(await findContrastFaults(page)).toEqual([])
    },
  )
})
