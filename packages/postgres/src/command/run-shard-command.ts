/**
 * The commands over several databases: `record-shards` and `move-owner`.
 */
import { encodeKey } from 'user-execution-context'
import { moveOwner } from '../shards/move/move-owner.ts'
import { recordShards } from '../shards/record-shards.ts'
import { complain, type CommandWorld } from './command-world.ts'

const commands = ['record-shards', 'move-owner'] as const

/** Whether a command is one of these. */
export const isShardCommand = (command: string): command is (typeof commands)[number] =>
  (commands as readonly string[]).includes(command)

/** Runs one of them. Gives the exit code. */
export const runShardCommand = async (
  command: (typeof commands)[number],
  words: readonly string[],
  world: CommandWorld,
  usage: string,
): Promise<number> => {
  const { stderr, env } = world
  const isKnown = command === 'record-shards' || words.length === 3 || words.length === 4
  if (!isKnown) {
    stderr.write(`The arguments do not fit ${command}.\n\n${usage}`)
    return 2
  }
  const shards = parseShards(env['SHARDS'] ?? '')
  if (shards === undefined) {
    stderr.write('Set SHARDS to NAME=postgres://USER:PASSWORD@HOST/DATABASE for each shard, each name once.\n')
    return 2
  }
  try {
    await (command === 'record-shards' ? record(shards, words, world) : move(shards, words, world))
    return 0
  } catch (error) {
    return complain(error, world)
  }
}

type Logins = Readonly<Record<string, string>>

function parseShards(text: string): Logins | undefined {
  const entries = text.split(/\s+/).filter((entry) => entry !== '')
  const pairs = entries.map((entry) => /^([^=]+)=(.+)$/.exec(entry)?.slice(1) as [string, string] | undefined)
  if (pairs.length === 0 || pairs.includes(undefined)) return undefined
  const shards = Object.fromEntries(pairs as [string, string][])
  // An object keeps the last of two: a database would be left out without a word.
  return Object.keys(shards).length === pairs.length ? shards : undefined
}

async function record(shards: Logins, words: readonly string[], { stdout }: CommandWorld): Promise<void> {
  await recordShards({ shards, ...(words.length > 0 && { placing: words }) })
  stdout.write(`Recorded: ${Object.keys(shards).join(', ')}.\n`)
}

async function move(
  shards: Logins,
  [to, ...owner]: readonly string[],
  { stdout, stderr }: CommandWorld,
): Promise<void> {
  const { from, rows } = await moveOwner({
    ...{ shards, ownerKey: encodeKey(owner), to: to! },
    onStep: (step) => void stderr.write(`${step}\n`),
  })
  stdout.write(
    from === to
      ? `The owner is at home in ${to} already.\n`
      : `The owner was moved from ${from} to ${to}: ${rows} rows.\n`,
  )
}
