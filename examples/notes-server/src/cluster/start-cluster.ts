/**
 * `npm run cluster`: a database, two servers and two workers as processes, and one address in front of them.
 */
import { mkdir } from 'node:fs/promises'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { openEmbeddedPostgres } from '@user-execution-context/postgres'
import { explainStoreError } from '../store/explain-store-error.ts'
import { placePostgres } from '../store/postgres-directory.ts'
import { readSettings } from '../settings/read-settings.ts'
import { SettingsError } from '../settings/setting-names.ts'
import { toConnections } from '../store/open-store.ts'
import type { StoreChoice } from '../store/store-choice.ts'
import { openBalancer } from './balancer.ts'
import type { Orders, Role } from './member.ts'
import { superviseMember, type Member } from './supervise-member.ts'

const roles: readonly Role[] = ['serves', 'serves', 'executes', 'executes']

const settings = await readSettings(process.env).catch(stop)
const { logLevel, trustedProxies } = settings
const dataDirectory = resolve(settings.directoryName)
const choice = toDatabaseChoice(settings.store)
const database = await openDatabase().catch((error: unknown) => {
  console.error(explainStoreError(error, choice) ?? error)
  process.exit(1)
})
const members: Member[] = []
const balancer = openBalancer({
  choosePort: () => {
    const ports = members.flatMap(({ port }) => port ?? [])
    return ports[Math.floor(Math.random() * ports.length)]
  },
  keepsForwarded: trustedProxies > 0,
})
balancer.listen(settings.port, settings.host)
await once(balancer, 'listening').catch((error: unknown) => {
  const { code } = error as { readonly code?: unknown }
  console.error(
    `PORT or UEC_HOST cannot be listened on (${String(code)}). Choose another port: PORT=3001 npm run cluster`,
  )
  return database.close().then(() => process.exit(1))
})
const { port } = balancer.address() as AddressInfo
const origins = settings.origins ?? ['localhost', '127.0.0.1'].map((name) => `http://${name}:${port}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close())
const { connections } = database
const common = { connections, dataDirectory, origins, logLevel, trustedProxies: trustedProxies + 1 }
const open = (role: Role): Promise<Member> => superviseMember({ role, ...common }, console.error)
// The first makes the schema, the users and the secrets that all of them read.
members.push(await open(roles[0]!))
members.push(...(await Promise.all(roles.slice(1).map(open))))
printUsage()

async function close(): Promise<void> {
  await Promise.all(members.map((member) => member.stop()))
  balancer.close()
  balancer.closeAllConnections()
  await database.close()
  process.exit(0)
}

async function openDatabase(): Promise<Pick<Orders, 'connections'> & { readonly close: () => Promise<void> }> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  if (choice.kind === 'embedded')
    return openEmbeddedPostgres({ directory: await placePostgres(dataDirectory), onNotice: console.error })
  return { connections: toConnections(choice), close: async () => {} }
}

function toDatabaseChoice(given: StoreChoice): Exclude<StoreChoice, { readonly kind: 'memory' }> {
  if (given.kind !== 'memory') return given
  return stop(new SettingsError('A cluster keeps its runs in PostgreSQL: UEC_STORE=memory is for npm start.'))
}

function stop(error: unknown): never {
  if (!(error instanceof SettingsError)) throw error
  console.error(error.message)
  process.exit(2)
}

function printUsage(): void {
  console.log(`\n  http://localhost:${port}\n`)
  for (const [index, { pid }] of members.entries()) console.log(`  process ${pid} ${roles[index]}`)
  console.log('\n  Kill any of them: it is started again, and each run has one end.\n')
  for (const { userName, password } of members[0]!.first.firstUsers ?? [])
    console.log(`    ${userName.padEnd(6)} ${password}`)
}
