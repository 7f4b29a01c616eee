// What is left of an access token in the memory of a server once its request was answered.
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { modern, modernHeaders, openWorld, textOf } from './world.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const findInHeap = async (part: () => string): Promise<boolean> => {
  for (let round = 0; round < 3; round++) {
    await pause(5)
    collect()
  }
  const snapshot = await text(getHeapSnapshot())
  return snapshot.includes(part())
}

test('no token is kept, of a tool that ran for its user (AISVS 10.2.3)', async () => {
  const world = await openWorld((contexts) => contexts.registerTool('whoami', {}, ({ context }) => context.userId))
  // Reversed, so that what the test remembers is not what it looks for.
  const reverse = (signature: string): string => [...signature].toReversed().join('')
  let reversed = ''
  const call = async (): Promise<void> => {
    const token = await world.token({ sub: 'alice' })
    reversed = reverse(token.split('.')[2]!.slice(4))
    const headers = { 'content-type': 'application/json', 'accept': 'application/json, text/event-stream' }
    const request = new Request(world.url, {
      method: 'POST',
      headers: { ...headers, ...modernHeaders('tools/call', 'whoami'), authorization: `Bearer ${token}` },
      body: JSON.stringify(modern('tools/call', { name: 'whoami', arguments: {} })),
    })
    const response = await world.contexts.fetch(request)
    expect(textOf(((await response.json()) as { readonly result: unknown }).result)).toBe('alice')
  }
  await call()
  expect(await findInHeap(() => reverse(reversed))).toBe(false)
  // What is kept is found: the search sees strings.
  const kept = { signature: reverse(reversed) }
  expect(await findInHeap(() => kept.signature)).toBe(true)
  await world.close()
})
