// What goes wrong, one thing after the other, until it is told to stop. It leaves everything running.
import { Chance, sleep } from './chance.ts'
import { leaseMs, workers, type KillCluster } from './kill-cluster.ts'

/** How often each kind of trouble came. */
export type Troubles = Record<string, number>

const kinds = [
  ...['process killed', 'process killed', 'worker killed', 'database killed', 'connection of the database killed'],
  ...['cut', 'cut', 'forgotten connections', 'worker stopped past its lease', 'clock moved'],
  'database and worker killed',
] as const

export const makeTrouble = async (
  cluster: KillCluster,
  seed: number,
  longestCutMs: number,
  isOver: () => boolean,
): Promise<Troubles> => {
  const chance = new Chance(seed)
  const troubles: Troubles = {}
  /** Processes that are down, stopped or cut off, until they are back. The others go on meanwhile. */
  const troubled = new Set<number>()
  const under = new Set<Promise<void>>()
  const trouble = (index: number, act: () => Promise<void>): void => {
    troubled.add(index)
    const done = act().finally(() => troubled.delete(index))
    under.add(done)
  }
  const act = (kind: (typeof kinds)[number], step: number): boolean => {
    const isOfWorker = /worker/.test(kind)
    const index = isOfWorker ? chance.one(workers, 'worker', step) : chance.from(0, 3, 'process', step)
    if (kind === 'database killed') cluster.killDatabase('server')
    else if (kind === 'connection of the database killed') cluster.killDatabase('connection')
    else if (troubled.has(index)) return false
    else if (kind === 'clock moved') cluster.nodes[index]!.moveClock(chance.from(-120_000, 120_000, 'clock', step))
    else if (kind === 'forgotten connections') cluster.proxies[index]!.forget()
    else if (kind === 'cut')
      trouble(index, async () => {
        cluster.proxies[index]!.cut()
        await sleep(chance.from(100, longestCutMs, 'cut', step))
        cluster.proxies[index]!.heal()
      })
    else if (kind === 'worker stopped past its lease')
      trouble(index, async () => {
        cluster.nodes[index]!.signal('SIGSTOP')
        await sleep(leaseMs + chance.from(200, 1_500, 'stopped', step))
        cluster.nodes[index]!.signal('SIGCONT')
      })
    else
      trouble(index, async () => {
        if (kind === 'database and worker killed') cluster.killDatabase('server')
        await cluster.nodes[index]!.kill()
        await sleep(chance.from(0, 700, 'down', step))
        await cluster.startNode(index)
      })
    return true
  }
  for (let step = 1; !isOver(); step++) {
    await sleep(chance.from(100, 900, 'quiet', step))
    const kind = chance.one(kinds, 'kind', step)
    if (act(kind, step)) troubles[kind] = (troubles[kind] ?? 0) + 1
  }
  await Promise.all(under)
  for (const node of cluster.nodes) node.moveClock(0)
  return troubles
}
