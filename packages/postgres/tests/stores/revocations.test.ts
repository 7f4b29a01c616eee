import { describe, inject, it } from 'vitest'
import { revocationStoreContract, type RevocationNode } from '@user-execution-context/testing'
import { postgresRevocations } from '../../src/index.ts'
import { openNode as openPorts } from '../open-ports.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { testDatabase } from '../test-database.ts'

const database = testDatabase()

/** A process whose every connection can be cut, the one that hears too. */
const openNode = async (): Promise<RevocationNode> => {
  const network = new OutageProxy(inject('serverHost'))
  await network.open()
  const { host } = network
  const ports = await openPorts({
    ...{ name: database.name, migrate: database.migrate },
    ...{ service: { ...database.service, host }, worker: { ...database.worker, host } },
  })
  return {
    store: await postgresRevocations({ ...ports, pollMs: 20 }),
    cut: () => network.cut(),
    connect: () => network.heal(),
    close: async () => {
      await ports.close()
      network.close()
    },
  }
}

describe('postgresRevocations keeps the contract of a store of revocations', () => {
  it.each(revocationStoreContract({ openNode, isShared: true }))('$name', ({ run }) => run())
})
