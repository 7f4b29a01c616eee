/**
 * A real Chromium, and users of the page in it. For tests only.
 */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { installChromium, launchArguments } from '../../../../scripts/chromium.mjs'
import type { TestServer } from '../test-notes-server.ts'

/** Starts a browser without a window. Fails when there is no Chromium: a page that nobody looked at is not tested. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: installChromium(), args: [...launchArguments] })

export type User = {
  readonly page: Page
  /** Errors on the console, uncaught errors, and violations of the content security policy. */
  readonly problems: string[]
  /** Every text that came over WebSockets. */
  readonly frames: string[]
  /** How many WebSockets were opened. */
  readonly sockets: () => number
  /** Signs in with the form. */
  readonly signIn: (user: 0 | 1) => Promise<void>
  /** Types a message and sends it. */
  readonly ask: (text: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens the page in a browser context of its own: no storage and no cookie is shared with another user. */
export const openPage = async (
  browser: Browser,
  server: TestServer,
  options: BrowserContextOptions & { readonly port?: number } = {},
): Promise<User> => {
  const { port = server.port, ...contextOptions } = options
  const context = await browser.newContext(contextOptions)
  const problems: string[] = []
  const frames: string[] = []
  let sockets = 0
  await context.exposeFunction('reportViolation', (violation: string) => problems.push(violation))
  await context.addInitScript(`document.addEventListener('securitypolicyviolation',
    (event) => reportViolation('CSP: ' + event.violatedDirective + ' ' + event.blockedURI))`)
  const page = await context.newPage()
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`)
  })
  page.on('websocket', (socket) => {
    sockets++
    socket.on('framereceived', ({ payload }) => frames.push(String(payload)))
  })
  await page.goto(`http://127.0.0.1:${port}/`)
  const { users } = server
  return {
    page,
    problems,
    frames,
    sockets: () => sockets,
    signIn: async (user) => {
      await page.getByLabel('User name').fill(users[user].userName)
      await page.getByLabel('Password').fill(users[user].password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('Connected', { exact: true }).waitFor()
    },
    ask: async (text) => {
      await page.getByLabel('Message', { exact: true }).fill(text)
      await page.getByRole('button', { name: 'Send' }).click()
    },
    close: () => context.close(),
  }
}
