/**
 * `npm run cluster`: a database, two servers and two workers as processes, and one address in front of them.
 */
import { mkdir } from 'node:fs/promises'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openEmbeddedPostgres } from '@user-execution-context/postgres'
import { explainStoreError } from '../store/explain-store-error.ts'
import { placePostgres } from '../store/postgres-folder.ts'
import { parseStoreChoice } from '../store/store-choice.ts'
import { createBalancer } from './balancer.ts'
import type { Orders, Role } from './member.ts'
import { superviseMember, type Member } from './supervise-member.ts'

const dataDirectory = join(process.cwd(), '.data')
const roles: readonly Role[] = ['signs in', 'serves', 'executes', 'executes']
/** What one server alone can do: it has the users. */
const signInPaths = new Set(['/login', '/token'])

const choice = readChoice()
const database = await openDatabase().catch((error: unknown) => {
  console.error(explainStoreError(error, choice) ?? error)
  process.exit(1)
})
const members: Member[] = []
const balancer = createBalancer((path) => {
  const ports = (signInPaths.has(path) ? members.slice(0, 1) : members).flatMap(({ port }) => port ?? [])
  return ports[Math.floor(Math.random() * ports.length)]
})
balancer.listen(readPort(process.env['PORT']), '127.0.0.1')
await once(balancer, 'listening')
const { port } = balancer.address() as AddressInfo
const origins = ['localhost', '127.0.0.1'].map((name) => `http://${name}:${port}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close())
const open = (role: Role): Promise<Member> =>
  superviseMember({ role, connections: database.connections, dataDirectory, origins }, console.error)
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
  const { url: migrate, serviceUrl: service, workerUrl: worker } = choice
  return { connections: { service, worker, migrate }, close: async () => {} }
}

function readChoice() {
  try {
    const given = parseStoreChoice(process.env)
    if (given.kind !== 'memory') return given
    console.error('A cluster keeps its runs in PostgreSQL: UEC_STORE=memory is for npm start.')
  } catch (error) {
    console.error((error as Error).message)
  }
  process.exit(2)
}

function readPort(text = ''): number {
  const number = text === '' ? 3000 : Number(text)
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number
  console.error('PORT must be a number from 0 (any free port) to 65535.')
  process.exit(2)
}

function printUsage(): void {
  console.log(`\n  http://localhost:${port}\n`)
  for (const [index, { pid }] of members.entries()) console.log(`  process ${pid} ${roles[index]}`)
  console.log('\n  Kill any of them: it is started again, and each run has one end.\n')
  for (const { userName, password } of members[0]!.first.firstUsers ?? [])
    console.log(`    ${userName.padEnd(6)} ${password}`)
}
