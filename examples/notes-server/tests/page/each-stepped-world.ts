/**
 * One browser for a file of tests, and a world for each of them.
 */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { openBrowser } from './browser.ts'
import { openSteppedWorld, type SteppedWorld } from './stepped-world.ts'

type WorldOptions = Parameters<typeof openSteppedWorld>[1]

/**
 * Opens a world before each test of the file, and closes it after the test. `reopen()` replaces it by one with other
 * options.
 */
export const eachSteppedWorld = (
  options: WorldOptions = {},
): Omit<SteppedWorld, 'close'> & { readonly reopen: (options: WorldOptions) => Promise<void> } => {
  let browser: Browser
  let world: SteppedWorld
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    world = await openSteppedWorld(browser, options)
  })
  afterEach(() => world.close())
  return {
    get server() {
      return world.server
    },
    get proxy() {
      return world.proxy
    },
    get stepped() {
      return world.stepped
    },
    open: (options) => world.open(options),
    restart: () => world.restart(),
    reopen: async (options) => {
      await world.close()
      world = await openSteppedWorld(browser, options)
    },
  }
}
