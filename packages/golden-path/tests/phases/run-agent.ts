// Runs one agent on one connection, from execute() to the end of the delivery.
import { createForUser } from 'user-execution-context'
import { openGoldenPath, type Agent, type GoldenPathOptions } from '../../src/index.ts'
import { newUser } from '../users.ts'
import { RecordingTransport } from './recording-transport.ts'

export const newContext = (userId = 'user-1') => createForUser(newUser(userId))

export const runAgent = async (agent: Agent, options: Omit<GoldenPathOptions, 'agent'> = {}) => {
  const errors: unknown[] = []
  const goldenPath = openGoldenPath({ onError: (error) => errors.push(error), ...options, agent })
  const context = newContext()
  const transport = new RecordingTransport()
  const connection = goldenPath.connect(context, transport, { runs: 'requested' })
  const run = await goldenPath.execute(context, { text: 'go' })
  const end = await goldenPath.deliver(run, connection)
  return { goldenPath, context, transport, run, end, errors, last: transport.events.at(-1) }
}

/** A promise and the function that fulfils it. */
export const newGate = <Value = void>() => {
  let open!: (value: Value) => void
  const opened = new Promise<Value>((resolve) => (open = resolve))
  return { open, opened }
}

/** Never fulfilled. */
export const never = (): Promise<never> => new Promise(() => {})
