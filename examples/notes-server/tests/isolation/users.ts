/**
 * The users of a simulation: their ids, and the way in.
 */
import { fileUserStore, passwordHasher } from '@user-execution-context/golden-path/login'
import { sleep } from './random.ts'

/** The namespace of all who sign in at the server itself. */
export const namespace = 'user-execution-context'

/** Ids with the separators of keys in them. */
export const userId = (index: number): string => `user|${index}:${index % 7}`

/** Adds users to the store that the server will open, and gives the password that all of them have. */
export async function addUsers(dataDirectory: string, count: number): Promise<string> {
  const password = 'the same for all: what is tested here is what happens after sign-in'
  // Cheap on purpose, and made once: the record itself says what it costs.
  const record = await passwordHasher({ cost: 1024 }).toRecord(password)
  const store = await fileUserStore(dataDirectory)
  for (let index = 0; index < count; index++)
    await store.add({ userId: userId(index), userName: `user${index}`, password: record })
  return password
}

/** The access token of one user. */
export async function signIn(port: number, index: number, password: string): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await fetch(`http://127.0.0.1:${port}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userName: `user${index}`, password }),
    })
    const body = (await response.json()) as { accessToken?: string }
    if (body.accessToken !== undefined) return body.accessToken
    // Too many sign-ins at once are told to come back.
    await sleep(20)
  }
  throw new Error(`user ${index} could not sign in`)
}
