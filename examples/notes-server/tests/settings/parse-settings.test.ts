import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseSettings } from '../../src/settings/parse-settings.ts'
import { SettingsError, settingNames, type SettingName } from '../../src/settings/setting-names.ts'

/** The sentences that settings are refused with. */
const refusal = (given: Parameters<typeof parseSettings>[0]): string => {
  try {
    parseSettings(given)
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError)
    return (error as Error).message
  }
  return 'accepted'
}

const wrong: readonly (readonly [SettingName, readonly string[]])[] = [
  ['PORT', ['x', '70000', '-1', '1.5', '0x50', '1e3', ' 3000', '65536', '+80']],
  ['UEC_HOST', ['http://localhost', 'localhost:3000', '256.0.0.1', '1.2.3', '-x', 'a b', '[::1]', '*']],
  [
    'UEC_ORIGINS',
    [
      'notes.example.com',
      'https://notes.example.com/',
      'https://A.example.com',
      'https://a.example.com/x',
      '*',
      'null',
      ',',
    ],
  ],
  ['UEC_ORIGINS', ['https://a.example.com,', 'https://a.example.com https://b.example.com', 'ftp://a.example.com']],
  ['UEC_TRUSTED_PROXIES', ['-1', '17', 'yes', '1.5', 'true']],
  ['UEC_DATA_DIRECTORY', [' ', '\t', 'a\0b']],
  ['UEC_LOG_LEVEL', ['INFO', 'verbose', 'info ', '2', 'trace']],
  ['UEC_STORE', ['Memory', 'postgres']],
  ['DATABASE_URL', ['localhost', 'mysql://a@b/c']],
]

describe('parseSettings', () => {
  test('has a default for everything', () => {
    expect(parseSettings({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      origins: undefined,
      trustedProxies: 0,
      directoryName: '.data',
      logLevel: 'info',
      store: { kind: 'embedded' },
    })
    const empty = Object.fromEntries(Object.keys(settingNames).map((name) => [name, '']))
    expect(parseSettings(empty)).toEqual(parseSettings({}))
  })

  test('takes what is right', () => {
    const given = {
      PORT: '0',
      UEC_HOST: '::',
      UEC_ORIGINS: 'https://notes.example.com, http://localhost:5173',
      UEC_TRUSTED_PROXIES: '2',
      UEC_DATA_DIRECTORY: '/var/lib/notes',
      UEC_LOG_LEVEL: 'warn',
      UEC_STORE: 'memory',
    }
    expect(parseSettings(given)).toEqual({
      port: 0,
      host: '::',
      origins: ['https://notes.example.com', 'http://localhost:5173'],
      trustedProxies: 2,
      directoryName: '/var/lib/notes',
      logLevel: 'warn',
      store: { kind: 'memory' },
    })
    for (const UEC_HOST of ['0.0.0.0', 'localhost', 'notes.internal'])
      expect(parseSettings({ UEC_HOST }).host).toBe(UEC_HOST)
    const urls = {
      DATABASE_URL: 'postgres://owner:pass@db/notes',
      DATABASE_LISTEN_URL: 'postgres://uec_service@db/notes',
    }
    expect(parseSettings(urls).store).toMatchObject({ kind: 'server', listenUrl: urls.DATABASE_LISTEN_URL })
  })

  test.each(wrong.flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    'refuses %s %j in one sentence with its name, and without its value',
    (name, value) => {
      const said = refusal({ [name]: value })
      expect(said).toMatch(new RegExp(`^${name} must be .*\\.$`))
      expect(said.split('\n')).toHaveLength(1)
    },
  )

  test('never repeats what was given: a URL holds a password', () => {
    expect(refusal({ DATABASE_URL: 'secret://owner:canary@db' })).not.toContain('canary')
    expect(refusal({ UEC_ORIGINS: 'canary' })).not.toContain('canary')
  })

  test('names everything that is wrong at once', () => {
    const all = Object.fromEntries(wrong.map(([name, [value]]) => [name, value]))
    const said = refusal({ ...all, UEC_STORE: '' })
    for (const [name] of wrong) if (name !== 'UEC_STORE') expect(said).toContain(`${name} must be`)
  })
})

describe('README.md', () => {
  test('shows every setting as it is said here', () => {
    const rows = Object.entries(settingNames).map(([name, what]) => `| \`${name}\` | ${what} |`)
    expect(readFileSync('README.md', 'utf8')).toContain(`\n${rows.join('\n')}\n`)
  })
})
