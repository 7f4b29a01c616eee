// A program that opens an embedded server and says so, then waits to be ended. Any line on its input closes the server.
import { once } from 'node:events'
import { openEmbeddedPostgres } from '@user-execution-context/postgres'

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
const notices = []
const onNotice = (text) => {
  notices.push(text)
  say({ notice: text })
}
try {
  const server = await openEmbeddedPostgres({ directory: process.argv[2], onNotice })
  say({ opened: true, host: server.host, isAdopted: server.isAdopted, notices })
  await once(process.stdin, 'data')
  await server.close()
  say({ closed: true })
  process.exit()
} catch (error) {
  say({ opened: false, code: error.code, message: error.message, notices })
  process.exit(1)
}
