// Which versions of the SDK run, in a process of its own with the SDK under another version beside ours.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { oldestVersions, testedMajors, type Peer } from '../src/options/peer-version.ts'

let app: string
afterEach(() => rmSync(app, { recursive: true }))

const installed = resolve('../../node_modules')
const own = ['@modelcontextprotocol', '@user-execution-context', 'user-execution-context']

/** Puts the SDK into the app, under another version, and links all that it loads in its turn. */
function install(peer: Peer, version: string): void {
  const directory = join(app, 'node_modules', peer)
  mkdirSync(directory, { recursive: true })
  cpSync(join(installed, peer), directory, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as object
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ ...manifest, version }))
  const siblings = readdirSync(join(installed, '@modelcontextprotocol')).map((name) => `@modelcontextprotocol/${name}`)
  const others = readdirSync(installed).filter((name) => !own.includes(name))
  for (const name of [...others, ...siblings.filter((sibling) => sibling !== peer)])
    symlinkSync(join(installed, name), join(app, 'node_modules', name))
}

/** Makes a server twice, in an app that has our packages and the SDK. Gives what that prints. */
function run(peer: Peer, version: string): string {
  app = mkdtempSync(join(tmpdir(), 'peers-'))
  for (const name of ['mcp', 'transfer']) {
    const ours = join(app, 'node_modules/@user-execution-context', name)
    mkdirSync(ours, { recursive: true })
    cpSync(`../${name}/dist`, join(ours, 'dist'), { recursive: true })
    cpSync(`../${name}/package.json`, join(ours, 'package.json'))
  }
  symlinkSync(resolve('../..'), join(app, 'node_modules/user-execution-context'))
  install(peer, version)
  writeFileSync(join(app, 'program.mjs'), programOf(peer))
  const { stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], { cwd: app, encoding: 'utf8' })
  return stdout + stderr
}

const programOf = (peer: Peer): string => `
  import { mcpContexts } from '@user-execution-context/mcp${peer.endsWith('/sdk') ? '/sdk-1' : ''}'
  import { identityProvider } from 'user-execution-context'
  const options = {
    identity: identityProvider({ name: 'tokens', verify: (token) => ({ userId: token }) }),
    resource: 'https://notes.example.com/mcp',
    audienceOf: () => 'https://notes.example.com/mcp',
    authorizationServers: ['https://id.example.com'],
    server: { name: 'notes', version: '1.0.0' },
  }
  mcpContexts(options)
  mcpContexts(options)
  console.log('made')`

const peers = Object.keys(testedMajors) as readonly Peer[]
const every = peers.flatMap((peer) => testedMajors[peer].map((major): [Peer, number] => [peer, major]))

describe('assertPeerVersion', () => {
  test.each(every)('lets %s %i through without a warning', (peer, major) => {
    expect(run(peer, `${major}.99.1-canary.3`).trim()).toBe('made')
  })

  test.each([
    ['@modelcontextprotocol/server', '1.9.9'],
    ['@modelcontextprotocol/server', '2.3.9'],
    ['@modelcontextprotocol/sdk', '0.99.9'],
    ['@modelcontextprotocol/sdk', '1.32.1'],
  ] as const)('refuses %s %s in one sentence that names the oldest version that will do', (peer, version) => {
    const output = run(peer, version)
    expect(output).toContain('ERR_CONTEXT_PEER_UNSUPPORTED')
    expect(output).toContain(`Install ${peer} ${oldestVersions[peer]} or newer.`)
    expect(output).not.toContain('made')
  })

  test.each(peers)('lets the oldest version of %s through', (peer) => {
    expect(run(peer, oldestVersions[peer]).trim()).toBe('made')
  })

  test.each(peers)('does not judge %s without a version that can be read, such as one from a checkout', (peer) => {
    expect(run(peer, 'workspace').trim()).toBe('made')
  })

  test.each(peers)('says once which versions of %s are tested when a newer one is installed', (peer) => {
    const newer = Math.max(...testedMajors[peer]) + 1
    const output = run(peer, `${newer}.0.0`)
    expect(output).toContain('made')
    const sentence = `${peer} ${newer} is installed. @user-execution-context/mcp is tested with ${peer} `
    expect(output.split(sentence + testedMajors[peer].join(' and '))).toHaveLength(2)
  })
})
