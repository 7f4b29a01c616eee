import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { askScript, eachPrograms, start } from './programs.ts'

const programs = eachPrograms({ UEC_STORE: 'memory', UEC_LOG_LEVEL: '' })
const { run } = programs
const directory = () => programs.directory

describe('npm start', () => {
  test('prints a URL, two users once, and a line that drives a run, event by event', async () => {
    const first = run(start, [], { PORT: '0' })
    const [, line] = await first.says(/npm run --silent ask -- (.*)\n/)
    expect(first.text()).toMatch(
      /\n {2}http:\/\/localhost:\d+\n\n {2}Runs are kept in the memory of this process, as UEC_S/,
    )
    const parameters = line!.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ''))
    const asked = run(askScript, parameters)
    expect(await asked.exit).toBe(0)
    const types = [...asked.text().matchAll(/^ +\d+ {2}(\w+)/gm)].map(([, type]) => type)
    expect(types).toEqual([
      'agent_started',
      'tool_executing',
      'tool_completed',
      'agent_thinking',
      'tool_executing',
      'tool_completed',
      'agent_message_delta',
      'agent_completed',
    ])
    expect(asked.text()).toMatch(/ 1 {2}agent_started {8}add 12 apples and 30 pears\n/)
    expect(asked.text()).toMatch(/ 2 {2}tool_executing {7}show-context\n/)
    expect(asked.text()).toMatch(/ 3 {2}tool_completed {7}show-context \{\n {28}correlationId: '/)
    expect(asked.text()).toMatch(/ 5 {2}tool_executing {7}add-note \{ text: '12 apples and 30 pears' \}\n/)

    first.child.kill('SIGTERM')
    expect(await first.exit).toBe(0)
    const second = run(start, [], { PORT: '0' })
    const [, url] = await second.says(/(http:\/\/localhost:\d+)\n[^]*"add 12/)
    expect(second.text()).not.toContain('--password')
    const [, password] = line!.match(/--password (\S+)/)!
    expect(second.text()).not.toContain(password!)
    // The user, their password and their note are still there.
    const again = run(askScript, ['--url', url!, '--user', 'alice', '--password', password!, 'sum'])
    expect(await again.exit).toBe(0)
    expect(again.text()).toContain('is 42.')
    // ESC [ 2 J clears a terminal, and BEL rings it.
    const obeyed = run(askScript, [
      '--url',
      url!,
      '--user',
      'alice',
      '--password',
      password!,
      'add \u001b[2Jmilk\u0007',
    ])
    expect(await obeyed.exit).toBe(0)
    expect(obeyed.text()).toContain('agent_started        add [2Jmilk\n')
    expect(obeyed.text()).not.toMatch(/[^\P{Cc}\n]/u)
  })

  test('serves on when nobody reads its output any more', async () => {
    const { child, says } = run(start, [], { PORT: '0' })
    const [, url] = await says(/(http:\/\/localhost:\d+)\n/)
    for (const stream of [child.stdout!, child.stderr!]) stream.destroy()
    for (let count = 0; count < 3; count++) {
      expect((await fetch(`${url}/threads`)).status).toBe(401)
      await new Promise((waits) => setTimeout(waits, 50))
    }
    expect(child.exitCode).toBe(null)
  })

  test('says which port is taken, and how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const started = run(start, [], { PORT: String(port) })
    expect(await started.exit).toBe(1)
    expect(started.text()).toContain(`Port ${port} is taken`)
    expect(started.text()).not.toMatch(/alice|at /)
    other.close()
  })

  test('refuses a second server over the same data', async () => {
    const first = run(start, [], { PORT: '0' })
    await first.says(/"add 12/)
    const second = run(start, [], { PORT: '0' })
    expect(await second.exit).toBe(1)
    expect(second.text()).toContain('Another process uses this data directory')
    expect(second.text()).toContain(`Stop process ${first.child.pid},`)
    expect(second.text()).toContain('UEC_DATA_DIRECTORY=.data-2 PORT=0 npm start')
    // What it says to do about it does it.
    await run(start, [], { PORT: '0', UEC_DATA_DIRECTORY: '.data-2' }).says(/alice +\S+\n[^]*http:\/\/localhost/)
    first.child.kill('SIGKILL')
    await first.exit
    await run(start, [], { PORT: '0' }).says(/http:\/\/localhost/)
  })

  test.each([
    [{ PORT: '70000' }, 'PORT must be a number'],
    [{ UEC_HOST: 'localhost:80' }, 'UEC_HOST must be an address'],
    [{ UEC_ORIGINS: 'example.com' }, 'UEC_ORIGINS must be origins'],
    [{ UEC_TRUSTED_PROXIES: 'yes' }, 'UEC_TRUSTED_PROXIES must be how many'],
    [{ UEC_DATA_DIRECTORY: ' ' }, 'UEC_DATA_DIRECTORY must be the path'],
    [{ UEC_LOG_LEVEL: 'loud' }, 'UEC_LOG_LEVEL must be one of'],
    [{ UEC_SETTINGS_FILE: 'nowhere.json' }, 'UEC_SETTINGS_FILE must be the path'],
    [{ PORT: 'x', UEC_LOG_LEVEL: 'loud' }, /^PORT must be [^\n]*\nUEC_LOG_LEVEL must be [^\n]*\n$/],
  ])('starts nothing with %j, and says what to do', async (environment, said) => {
    const started = run(start, [], environment)
    expect(await started.exit).toBe(2)
    expect(started.text()).toMatch(said)
    expect(started.text()).not.toContain('    at ')
    expect(existsSync(join(directory(), '.data'))).toBe(false)
  })

  test('says that its directory cannot be made', async () => {
    const started = run(start, [], { PORT: '0', UEC_DATA_DIRECTORY: start })
    expect(await started.exit).toBe(1)
    expect(started.text()).toContain('UEC_DATA_DIRECTORY must be a directory that this account can write to')
    expect(started.text()).not.toContain('    at ')
  })

  test('takes its settings from the file that the environment names, and logs by them', async () => {
    const file = join(directory(), 'settings.json')
    const origin = 'https://notes.example.com'
    await writeFile(
      file,
      JSON.stringify({ PORT: 0, UEC_ORIGINS: [origin], UEC_TRUSTED_PROXIES: 1, UEC_LOG_LEVEL: 'warn' }),
    )
    const { says, text, child, exit } = run(start, [], { UEC_SETTINGS_FILE: file })
    const [, url] = await says(/(http:\/\/localhost:\d+)\n/)
    const ask = (from: string) =>
      fetch(`${url}/threads`, { headers: { 'origin': from, 'x-forwarded-for': '192.0.2.7' } })
    expect([(await ask(url!)).status, (await ask(origin)).status]).toEqual([403, 401])
    child.kill('SIGTERM')
    expect(await exit).toBe(0)
    const lines = text()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'request-refused', level: 'warn', code: 'ERR_CONTEXT_ORIGIN_REFUSED', address: '192.0.2.7' },
      { event: 'request-refused', level: 'warn', code: 'ERR_CONTEXT_IDENTITY_REFUSED', address: '192.0.2.7' },
    ])
  })

  test('writes a line of JSON for its start, a sign-in and its end', async () => {
    const { says, text, child, exit } = run(start, [], { PORT: '0' })
    const [, url] = await says(/(http:\/\/localhost:\d+)\n/)
    const [, password] = await says(/alice +(\S+)\n/)
    const body = JSON.stringify({ userName: 'alice', password })
    await fetch(`${url}/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    child.kill('SIGTERM')
    expect(await exit).toBe(0)
    const lines = text()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(lines.map((line) => (JSON.parse(line) as { readonly event: string }).event)).toEqual([
      'server-started',
      'server-listening',
      'signed-in',
      'server-draining',
      'server-closed',
    ])
    expect(lines.join('\n')).not.toContain(password)
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ time: expect.stringMatching(/^\d{4}-.*Z$/) as string })
  })
})

describe('npm run ask', () => {
  test('says how to use it, and that no server answers', async () => {
    const bare = run(askScript)
    expect(await bare.exit).toBe(2)
    expect(bare.text()).toContain('Say who asks: --user and a name that the first npm start printed')
    expect(bare.text()).toContain('Usage: npm run ask')
    const mute = run(askScript, ['--user', 'alice'])
    expect(await mute.exit).toBe(2)
    expect(mute.text()).toContain('Say what to ask')
    const alone = run(askScript, ['--url', 'http://127.0.0.1:9', '--user', 'a', '--password', 'b', 'list'])
    expect(await alone.exit).toBe(1)
    expect(alone.text()).toContain('Is the server running')
  })

  test.each(['localhost:3000', '3000', 'ws://localhost:3000', ''])(
    'says what a URL is when it is given %j',
    async (url) => {
      const asked = run(askScript, ['--url', url, '--user', 'a', '--password', 'b', 'list'])
      expect(await asked.exit).toBe(2)
      expect(asked.text()).toContain('http://localhost:3000')
      expect(asked.text()).toContain('--url must be')
    },
  )

  test('takes the URL with the slash that a browser adds', async () => {
    const server = run(start, [], { PORT: '0' })
    const [, url] = await server.says(/(http:\/\/localhost:\d+)\n/)
    const [, password] = await server.says(/alice +(\S+)\n/)
    const asked = run(askScript, ['--url', `${url}/`, '--user', 'alice', '--password', password!, 'list'])
    expect(await asked.exit).toBe(0)
  })

  test.each(['<p>hello', '', 'null', '7'])('says that another server answers %j, without a stack', async (answer) => {
    const other = createHttpServer((_request, response) => response.end(answer)).listen(0)
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const asked = run(askScript, ['--url', `http://127.0.0.1:${port}`, '--user', 'a', '--password', 'b', 'list'])
    expect(await asked.exit).toBe(1)
    expect(asked.text()).toContain('is not this server')
    expect(asked.text()).not.toContain('    at ')
    other.close()
  })

  test.each([['--help'], ['-h']])('explains itself when it is asked by %s', async (option) => {
    const asked = run(askScript, [option])
    expect(await asked.exit).toBe(0)
    expect(asked.text()).toMatch(/^Usage: npm run ask/)
    expect(asked.text()).toContain('--password')
  })

  test('says how to use it when it does not know an option, without a stack', async () => {
    const asked = run(askScript, ['--wrong', 'x'])
    expect(await asked.exit).toBe(2)
    expect(asked.text()).toContain('Usage: npm run ask')
    expect(asked.text()).not.toContain('    at ')
  })

  test.each([
    ['an empty input', ''],
    ['an empty line', '\n'],
  ])('says what to do about %s in place of a password', async (_what, input) => {
    const asked = run(askScript, ['--url', 'http://127.0.0.1:9', '--user', 'a', 'list'], {}, input)
    expect(await asked.exit).toBe(2)
    expect(asked.text()).toContain('No password was given')
    expect(asked.text()).toContain('Usage: npm run ask')
  })

  test('reads the password from its input, and says what to do about a wrong one', async () => {
    const [, url] = await run(start, [], { PORT: '0' }).says(/(http:\/\/localhost:\d+)\n/)
    const asked = run(askScript, ['--url', url!, '--user', 'alice', 'list'], {}, 'wrong\n')
    expect(await asked.exit).toBe(1)
    expect(asked.text()).toContain('Sign-in was refused')
    expect(asked.text()).toContain('the first start printed')
    expect(asked.text()).not.toContain('    at ')
  })
})
