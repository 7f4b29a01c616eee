// A disk of its own for a database, which can be filled to its last byte. It needs root, and a system that lets it
// mount.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KillCluster } from './kill-cluster.ts'
import { sleep } from './chance.ts'

const megabytes = 500

export class SmallDisk {
  readonly directory = mkdtempSync(join(tmpdir(), 'uec-disk-'))
  readonly #ballast = join(this.directory, 'ballast')

  private constructor() {
    const options = `size=${megabytes}m,mode=0700`
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', this.directory], { stdio: 'ignore' })
  }

  /** Undefined where nothing can be mounted. */
  static tryMount(): SmallDisk | undefined {
    try {
      return new SmallDisk()
    } catch {
      return undefined
    }
  }

  fill(): void {
    const file = openSync(this.#ballast, 'a')
    for (const bytes of [1_048_576, 4_096]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(bytes))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
    closeSync(file)
  }

  free(): void {
    rmSync(this.#ballast, { force: true })
  }

  unmount(): void {
    // Lazily: a server that is being started again may still hold a file.
    execFileSync('umount', ['-l', this.directory], { stdio: 'ignore' })
    rmdirSync(this.directory)
  }
}

/**
 * The disk is full for some seconds: first no table can grow, and then the log of the database cannot, which it refuses
 * or ends by. Gives what it said to both.
 */
export const fillDisk = async (disk: SmallDisk, cluster: KillCluster): Promise<readonly string[]> => {
  await sleep(1_500)
  disk.fill()
  const said = [await ask(cluster, "CREATE TABLE grown AS SELECT repeat('x', 1000) FROM generate_series(1, 100000)")]
  await sleep(1_000)
  const segment = "SELECT pg_logical_emit_message(false, 'uec', 'x'), pg_switch_wal()"
  for (let turn = 0; turn < 40 && said.length === 1; turn++) {
    const answer = await ask(cluster, segment)
    if (answer !== 'done') said.push(answer)
  }
  await sleep(2_000)
  disk.free()
  return said
}

/** The code of the error; `gone` where the database does not answer. */
async function ask(cluster: KillCluster, text: string): Promise<string> {
  try {
    const client = await cluster.connect()
    try {
      await client.query(text)
      return 'done'
    } finally {
      await client.end().catch(() => undefined)
    }
  } catch (error) {
    const { code } = error as { readonly code?: string }
    return code?.startsWith('53') ? code : 'gone'
  }
}
