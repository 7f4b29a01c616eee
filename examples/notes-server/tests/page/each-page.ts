/**
 * One browser for a file of tests, and a server for each of them.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { openTestNotesServer, type TestServer } from '../test-notes-server.ts'
import { openBrowser, openPage, type User } from './browser.ts'

/** Opens a server before each test of the file, and closes it and the pages of it after the test. */
export const eachPage = (): {
  readonly server: TestServer
  readonly open: (options?: Parameters<typeof openPage>[2]) => Promise<User>
} => {
  let browser: Browser
  let server: TestServer
  const users: User[] = []
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    server = await openTestNotesServer()
  })
  afterEach(async () => {
    await Promise.all(users.splice(0).map((user) => user.close()))
    await server.close()
  })
  return {
    get server() {
      return server
    },
    open: async (options = {}) => {
      const user = await openPage(browser, server, options)
      users.push(user)
      return user
    },
  }
}

/** Presses the button of the forgeries, and gives what the page says of each. */
export const forge = async (page: Page): Promise<readonly string[]> => {
  await page.getByRole('button', { name: 'Try all three requests' }).click()
  await page.locator('.forgery').nth(2).waitFor()
  return page.locator('.forgery').allInnerTexts()
}

/** All fields of the context on show, as text; empty for none. */
export const findShownFields = (page: Page): Promise<string> =>
  page.locator('#context-all').evaluate((element) => element.innerHTML)
