// Two users of one application, and one who presents what belongs to the other.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const url = new URL(`http://127.0.0.1:${process.env.PORT ?? 3000}/mcp`)
async function connect(token) {
  const client = new Client(
    { name: 'guide', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'auto' }, inputRequired: { autoFulfill: false } },
  )
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }))
  return client
}
const call = (client, name, more) => client.callTool({ name, arguments: {}, ...more }, { allowInputRequired: true })
const textOf = ({ content }) => content[0].text

const [ada, bob] = await Promise.all([connect('token-of-ada'), connect('token-of-bob')])
console.log('ada:', textOf(await call(ada, 'add', { arguments: { text: 'ducks' } })), textOf(await call(ada, 'list')))
console.log('bob:', textOf(await call(bob, 'list')), (await bob.listTools()).tools.map(({ name }) => name).join())
const { requestState } = await call(ada, 'clear')
const answered = { requestState, inputResponses: { sure: { action: 'accept', content: { yes: true } } } }
console.log('bob:', await call(bob, 'clear', answered).catch(({ message }) => message))
console.log('ada:', textOf(await call(ada, 'clear', answered)))
console.log('stranger:', await connect('no-token').catch(({ message }) => message))
