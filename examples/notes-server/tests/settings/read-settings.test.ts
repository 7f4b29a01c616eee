import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readSettings } from '../../src/settings/read-settings.ts'

const directory = mkdtempSync(join(tmpdir(), 'settings-'))
afterAll(() => rmSync(directory, { recursive: true }))

const withFile = (content: string, environment: Readonly<Record<string, string>> = {}) => {
  const file = join(directory, 'settings.json')
  writeFileSync(file, content)
  return readSettings({ ...environment, UEC_SETTINGS_FILE: file })
}

describe('readSettings', () => {
  test('takes texts, numbers and lists from the file that the environment names', async () => {
    const content = {
      PORT: 8080,
      UEC_TRUSTED_PROXIES: '1',
      UEC_ORIGINS: ['https://a.example.com', 'https://b.example.com'],
    }
    expect(await withFile(JSON.stringify(content))).toMatchObject({
      port: 8080,
      trustedProxies: 1,
      origins: content.UEC_ORIGINS,
      logLevel: 'info',
    })
  })

  test('lets the environment count more, where it says something', async () => {
    const content = JSON.stringify({ PORT: 8080, UEC_LOG_LEVEL: 'warn' })
    expect(await withFile(content, { PORT: '9090', UEC_LOG_LEVEL: '' })).toMatchObject({ port: 9090, logLevel: 'warn' })
  })

  test('checks what is in the file as what is in the environment', async () => {
    await expect(withFile('{"PORT": 70000, "UEC_LOG_LEVEL": "canary"}')).rejects.toThrow(
      /^PORT must be a number from 0[^\n]*\nUEC_LOG_LEVEL must be one of debug, info, warn, error\.$/,
    )
  })

  test.each([
    ['no JSON', 'PORT=3000', 'must hold a JSON object'],
    ['a list', '[]', 'must hold a JSON object'],
    ['null', 'null', 'must hold a JSON object'],
    ['a name that is no setting', '{"PORT": 1, "UEC_HOSTT": "canary"}', 'has no setting of that name: UEC_HOSTT.'],
    ['a setting that Object has', '{"constructor": "canary"}', 'has no setting of that name: constructor.'],
    ['a key that is no name', '{"postgres://canary@host": 1}', 'has no setting of that name: key 1.'],
    ['a key that is too long', `{"PORT": 1, "canary${'y'.repeat(60)}": 1}`, 'has no setting of that name: key 2.'],
    ['a value of another kind', '{"PORT": {"canary": 1}}', 'PORT must be a text, a number or a list of texts'],
    ['a list of numbers', '{"UEC_ORIGINS": [1]}', 'UEC_ORIGINS must be a text, a number or a list of texts'],
  ])('says what is wrong with a file that holds %s, without quoting it', async (_what, content, said) => {
    const refused = withFile(content)
    await expect(refused).rejects.toThrow(said)
    await expect(refused).rejects.not.toThrow('canary')
  })

  test.each(['UEC_ORIGIN', 'UEC_TRUSTED_PROXY', 'UEC_'])('refuses %s, which is no setting', async (name) => {
    const refused = readSettings({ [name]: 'canary', PORT: '8080' })
    await expect(refused).rejects.toThrow(`No such setting: ${name}. The settings are UEC_HOST, UEC_ORIGINS,`)
    await expect(refused).rejects.not.toThrow('canary')
  })

  test('says all that is wrong at once: in the environment, in the file, of names and of values', async () => {
    await expect(readSettings({ PORT: 'abc', UEC_HOSTT: '1' })).rejects.toThrow(
      /^No such setting: UEC_HOSTT\.[^\n]*\nPORT must be a number[^\n]*$/,
    )
    await expect(withFile('{"PROT": 1, "UEC_LOG_LEVEL": "loud", "PORT": []}', { UEC_HOSTT: '1' })).rejects.toThrow(
      /^No such setting: UEC_HOSTT\.[^\n]*\n[^\n]*that name: PROT\.\nUEC_LOG_LEVEL must be one of[^\n]*$/,
    )
    await expect(readSettings({ PORT: 'abc', UEC_SETTINGS_FILE: 'nowhere.json' })).rejects.toThrow(
      /^UEC_SETTINGS_FILE must be the path[^\n]*\nPORT must be a number[^\n]*$/,
    )
  })

  test('quotes no name that no person types, and leaves names of others alone', async () => {
    await expect(readSettings({ UEC_canary: '' })).rejects.toThrow('No such setting: a name that begins with UEC_.')
    expect(await readSettings({ UECHO: '1', HOST: '0.0.0.0', UEC_STORE: 'memory' })).toMatchObject({ port: 3000 })
  })

  test('says that a file cannot be read', async () => {
    const refused = readSettings({ UEC_SETTINGS_FILE: join(directory, 'nowhere.json') })
    await expect(refused).rejects.toThrow('UEC_SETTINGS_FILE must be the path of a file that can be read.')
  })
})
