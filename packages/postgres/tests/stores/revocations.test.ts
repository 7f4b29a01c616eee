import { describe, inject, it } from 'vitest'
import { revocationStoreContract, type RevocationNode } from '@user-execution-context/testing'
import { postgresRevocations } from '../../src/index.ts'
import { openCutConnection } from '../cut-connection.ts'
import { openNode as openPorts } from '../open-ports.ts'
import { testDatabase } from '../test-database.ts'

const database = testDatabase()

/** A process whose every connection can be cut, the one that hears too. */
const openNode = async (): Promise<RevocationNode> => {
  const { host, cut, connect, close } = await openCutConnection(inject('serverHost'))
  const ports = await openPorts({
    ...{ name: database.name, migrate: database.migrate },
    ...{ service: { ...database.service, host }, worker: { ...database.worker, host } },
  })
  return {
    store: await postgresRevocations({ ...ports, pollMs: 20 }),
    ...{ cut, connect },
    close: async () => {
      await ports.close()
      await close()
    },
  }
}

describe('postgresRevocations keeps the contract of a store of revocations', () => {
  it.each(revocationStoreContract({ openNode, isShared: true }))('$name', ({ run }) => run())
})
