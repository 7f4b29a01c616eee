/**
 * The page over a network that can be cut, with an agent that says its next piece when the test lets it. For tests
 * only.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import type { GoldenPathServerOptions } from '@user-execution-context/golden-path/server'
import {
  openCuttingProxy,
  type CuttingProxy,
} from '../../../../packages/golden-path/tests/server/clients/cutting-proxy.ts'
import { steppedAgent, type SteppedAgent } from '../../../../packages/golden-path/tests/server/clients/slow-agent.ts'
import { openTestNotesServer, type TestServer } from '../test-notes-server.ts'
import { openPage, type User } from './browser.ts'

export type SteppedWorld = {
  readonly server: TestServer
  readonly proxy: CuttingProxy
  readonly stepped: SteppedAgent
  /** Opens the page through the proxy, in a browser context of its own. */
  readonly open: (options?: BrowserContextOptions) => Promise<User>
  /** Stops the server, and starts one on another port over the same data, as after a crash. */
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

export const openSteppedWorld = async (
  browser: Browser,
  options: Partial<Omit<GoldenPathServerOptions, 'runQueue'>> = {},
): Promise<SteppedWorld> => {
  const stepped = steppedAgent()
  const users: User[] = []
  let server: TestServer
  const proxy = await openCuttingProxy(() => server.port)
  const start = (dataDirectory?: string): Promise<TestServer> =>
    openTestNotesServer({
      agent: stepped.agent,
      origins: [`http://127.0.0.1:${proxy.port}`],
      ...options,
      ...(dataDirectory !== undefined && { dataDirectory }),
    })
  server = await start()
  let first: TestServer | undefined
  return {
    get server() {
      return server
    },
    proxy,
    stepped,
    open: async (options = {}) => {
      const user = await openPage(browser, server, { ...options, port: proxy.port })
      users.push(user)
      return user
    },
    restart: async () => {
      first ??= server
      // The old one lives on here, as no crashed one does: its lock has to go.
      await rm(join(server.dataDirectory, 'process.lock'))
      const next = await start(server.dataDirectory)
      // The old one stops last: it would take the directory with it.
      const old = server
      server = next
      proxy.cut()
      if (old !== first) await old.close()
    },
    close: async () => {
      await Promise.all(users.map((user) => user.close()))
      await proxy.close()
      await server.close()
      if (first !== undefined && first !== server) await first.close()
    },
  }
}

/** What a cut writes to the console is not a fault of the page: the browser reports each connection that fails. */
export const withoutNetworkReports = ({ problems }: User): readonly string[] =>
  problems.filter((problem) => !/^error: (WebSocket connection to|Failed to load resource: net::)/.test(problem))
