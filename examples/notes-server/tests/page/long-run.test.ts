// A run with thousands of pieces and pages of text: the page stays quick, and the thread is what scrolls.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestNotesServer, type TestServer } from '../test-notes-server.ts'
import { openBrowser, openPage } from './browser.ts'

const pieces = 3_000
let browser: Browser
let server: TestServer

beforeAll(async () => {
  browser = await openBrowser()
  server = await openTestNotesServer({
    agent: async function* talk() {
      for (let piece = 0; piece < pieces; piece++) yield { type: 'agent_message_delta', text: `piece ${piece}. ` }
    },
  })
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

test('follows the end of a long answer without a layout for each piece, and scrolls the thread only', async () => {
  const user = await openPage(browser, server)
  await user.page.evaluate(`{
    const { get, set } = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop')
    window.scrolls = 0
    Object.defineProperty(Element.prototype, 'scrollTop', { get, set(top) { window.scrolls++; set.call(this, top) } })
  }`)
  await user.signIn(0)
  for (let run = 0; run < 2; run++) await user.ask('talk')
  await expect.poll(() => user.page.locator('.run[data-state=done]').count(), { timeout: 20_000 }).toBe(2)
  expect(await user.page.locator('.answer-text').first().textContent()).toHaveLength(
    'piece 0. '.length * 10 + 'piece 00. '.length * 90 + 'piece 000. '.length * 900 + 'piece 0000. '.length * 2_000,
  )
  expect(await user.page.evaluate('window.scrolls')).toBeLessThan(pieces / 3)
  const distance =
    '[document.getElementById("conversation")]' +
    '.map(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)[0]'
  await expect.poll(() => user.page.evaluate(distance)).toBeLessThan(2)
  expect(await user.page.evaluate('document.documentElement.scrollHeight - innerHeight')).toBeLessThan(2)

  // A user who scrolls up is reading, and is left alone.
  await user.page.locator('#conversation').hover()
  await user.page.mouse.wheel(0, -3_000)
  await expect.poll(() => user.page.evaluate(distance)).toBeGreaterThan(1_000)
  expect(user.problems).toEqual([])
  await user.close()
})
