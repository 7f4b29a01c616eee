// One server for all files of a run, started before the first and stopped after the last.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openEmbeddedPostgres } from '../src/embedded/open-embedded-postgres.ts'
import { startPooler } from './pooler.ts'
import { startInstalled, type TestServer } from './installed-server.ts'

declare module 'vitest' {
  // An interface is what a declaration merges with.
  interface ProvidedContext {
    readonly serverHost: string
    /** Where an app logs in: the pooler in front of the server, or the server. */
    readonly poolerHost: string
  }
}

async function startEmbedded(): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'uec-pg-'))
  const server = await openEmbeddedPostgres({ directory: directory, maxConnections: 200 })
  return {
    host: server.host,
    close: async () => {
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export default async function startServer(project: TestProject): Promise<() => Promise<void>> {
  const programs = process.env['TEST_POSTGRES_BIN']
  const server = await (programs ? startInstalled(programs) : startEmbedded())
  const pooler = process.env['TEST_PGBOUNCER']
  const inFront = pooler ? await startPooler(pooler, server.host) : undefined
  project.provide('serverHost', server.host)
  project.provide('poolerHost', inFront?.host ?? server.host)
  return async () => {
    await inFront?.close()
    await server.close()
  }
}
