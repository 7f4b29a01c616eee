// The Dockerfile is not run here: that what it names is there, and that the program works as it starts it.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eachPrograms, start } from './start/programs.ts'

const root = resolve('../..')
const text = readFileSync('Dockerfile', 'utf8')
const instructions = text.split('\n').filter((line) => /^[A-Z]/.test(line))
const argumentsOf = (name: string) =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
const environment = Object.fromEntries(
  argumentsOf('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('=') as [string, string])),
)
const programs = eachPrograms({ UEC_STORE: 'memory' })

describe('Dockerfile', () => {
  test('names files of the repository, and what the build makes', () => {
    const named = [...argumentsOf('RUN'), ...argumentsOf('CMD')].flatMap(
      (line) => line.match(/[\w.-]+\/[\w./-]+/g) ?? [],
    )
    const own = named.filter((path) => !path.startsWith('/') && !/^node:|^data/.test(path))
    expect(own).toEqual(['scripts/setup.mjs', 'examples/notes-server', 'examples/notes-server/dist/start.js'])
    for (const path of own) expect(existsSync(resolve(root, path)), path).toBe(true)
    expect(resolve(root, own.at(-1)!)).toBe(start)
  })

  test('takes a Node that the packages are for, and listens where it says', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
    const least = Number(/\d+/.exec(engines.node)![0])
    for (const image of argumentsOf('FROM')) expect(Number(/^node:(\d+)/.exec(image)![1])).toBeGreaterThanOrEqual(least)
    expect(argumentsOf('EXPOSE')).toEqual([environment['PORT']])
    expect(argumentsOf('VOLUME')).toEqual([environment['UEC_DATA_DIRECTORY']])
    expect(argumentsOf('USER')).toEqual(['node'])
  })

  test('is healthy where its check asks, with the settings that it names, from another address too', async () => {
    const { UEC_HOST } = environment
    const { says } = programs.run(start, [], { UEC_HOST, PORT: '0', UEC_DATA_DIRECTORY: 'elsewhere' })
    const [, port] = await says(/localhost:(\d+)\n[^]*"add 12/)
    const [, path] = /127\.0\.0\.1:3000(\/\w+)/.exec(argumentsOf('HEALTHCHECK')[0]!)!
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      const { status } = await fetch(`http://${host}:${port}${path}`)
      expect(status).toBe(200)
    }
    expect(existsSync(resolve(programs.directory, 'elsewhere'))).toBe(true)
    expect(existsSync(resolve(programs.directory, '.data'))).toBe(false)
  })

  test('leaves what it builds, and what a start has kept, out of the image', () => {
    const left = readFileSync('Dockerfile.dockerignore', 'utf8').split('\n')
    for (const name of ['**/node_modules', '**/dist', '**/.data', '.git']) expect(left).toContain(name)
  })
})

test('npm start says what UEC_HOST is when it is given another address', async () => {
  const refused = programs.run(start, [], { UEC_HOST: '192.0.2.1', PORT: '0' })
  expect(await refused.exit).toBe(1)
  expect(refused.text()).toContain('UEC_HOST must be an address of this machine')
})
