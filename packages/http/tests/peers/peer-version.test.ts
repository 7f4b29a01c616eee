// Which versions of a framework run, in a process of its own with a package of that version beside ours.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { testedMajors, type Peer } from '../../src/peers/peer-version.ts'

let app: string
afterEach(() => rmSync(app, { recursive: true }))

/** The frameworks that our package loads by itself. Of the others it needs the version alone. */
const loaded: readonly Peer[] = ['@nestjs/common', '@trpc/server']

/** Puts a framework into the app: the real one where ours loads it, and its version. */
function install(peer: Peer, version: string): void {
  const directory = join(app, 'node_modules', peer)
  mkdirSync(directory, { recursive: true })
  const real = resolve('../../node_modules', peer)
  if (loaded.includes(peer)) cpSync(real, directory, { recursive: true })
  const found = join(real, 'package.json')
  const manifest = existsSync(found) ? (JSON.parse(readFileSync(found, 'utf8')) as object) : { name: peer }
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ ...manifest, version }))
}

/** Runs code in an app that has our package. Gives what it prints. */
function run(peer: Peer, version: string | undefined, code: string): string {
  app = mkdtempSync(join(tmpdir(), 'peers-'))
  const ours = join(app, 'node_modules/@user-execution-context/http')
  mkdirSync(ours, { recursive: true })
  cpSync('dist', join(ours, 'dist'), { recursive: true })
  cpSync('package.json', join(ours, 'package.json'))
  symlinkSync(resolve('../..'), join(app, 'node_modules/user-execution-context'))
  if (version !== undefined) install(peer, version)
  writeFileSync(join(app, 'program.mjs'), code)
  // What a framework loads in its turn. A framework itself is never found there first.
  const env = loaded.includes(peer) ? { ...process.env, NODE_PATH: resolve('../../node_modules') } : process.env
  const { stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], { cwd: app, encoding: 'utf8', env })
  return stdout + stderr
}

const entryPoints = {
  'express': 'express',
  'fastify': 'fastify',
  'hono': 'hono',
  '@nestjs/common': 'nestjs',
  'next': 'next',
  '@trpc/server': 'trpc',
} as const satisfies Record<Peer, string>

/** Calls what an app calls first, twice. */
const programOf = (peer: Peer): string => `
  import * as ours from '@user-execution-context/http/${entryPoints[peer]}'
  import { identityProvider } from 'user-execution-context'
  const identity = identityProvider({ name: 'tokens', verify: (token) => ({ userId: token }) })
  const make = () => ours.UserContextModule?.forRoot({ identity }) ?? ours.userContext(identity)
  make()
  make()
  console.log('made')`

const peers = Object.keys(testedMajors) as readonly Peer[]
const every = peers.flatMap((peer) => testedMajors[peer].map((major): [Peer, number] => [peer, major]))

describe('assertPeerVersion', () => {
  test.each(every)('lets %s %i through without a warning', (peer, major) => {
    expect(run(peer, `${major}.9.1-canary.3`, programOf(peer)).trim()).toBe('made')
  })

  test.each(peers)('refuses an older %s in one sentence that names the versions that are tested', (peer) => {
    const output = run(peer, `${Math.min(...testedMajors[peer]) - 1}.9.9`, programOf(peer))
    expect(output).toContain('ERR_CONTEXT_PEER_UNSUPPORTED')
    expect(output).toContain(`Install a version that it is tested with: ${peer} ${testedMajors[peer].join(' or ')}.`)
    expect(output).not.toContain('made')
  })

  test.each(peers)('says once which versions of %s are tested when a newer one is installed', (peer) => {
    const newer = Math.max(...testedMajors[peer]) + 1
    const output = run(peer, `${newer}.0.0`, programOf(peer))
    expect(output).toContain('made')
    const sentence = `${peer} ${newer} is installed. @user-execution-context/http is tested with ${peer} `
    expect(output.split(sentence + testedMajors[peer].join(' and '))).toHaveLength(2)
  })

  test.each(['express', 'fastify', 'hono', 'next'] as const)('judges no %s that it does not find', (peer) => {
    expect(run(peer, undefined, programOf(peer)).trim()).toBe('made')
  })
})
