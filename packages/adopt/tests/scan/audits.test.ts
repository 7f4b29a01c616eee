import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const library = `export interface Context { userId: string }
export declare const identityProvider: (options: { name: string; verify: (given: any) => unknown }) => unknown
export declare const vouchForUser: (user: { userId: string }, options: { reason: string }) => unknown
`
const kindsIn = async (use: string): Promise<string[]> => {
  const root = temporaryProject({ 'tsconfig.json': strictConfig, 'src/library.ts': library, 'src/use.ts': use })
  const { findings } = await scan({ root, types: ['src/library.ts#Context'], probe: false })
  return findings.filter(({ file }) => file === 'src/use.ts').map(({ kind }) => kind)
}
const provider = (verify: string): string =>
  "import { identityProvider as make } from './library'\n" +
  'declare const store: { find: (id: string) => Promise<{ userId: string } | undefined> }\n' +
  `export const p = make({ name: 'header', ${verify} })\n`

describe('audits', () => {
  test.each([
    'verify: (userId: string) => ({ userId })',
    'verify: (id) => ({ userId: id })',
    'verify: async (request) => ({ userId: request.headers["x-user"] })',
    'verify: (facts) => facts',
    'verify: (facts) => ({ ...facts })',
    'verify: ({ user }) => ({ userId: String(user).trim() })',
    'verify(request) { const copy = 1; return { userId: `${request.user}`, n: copy } }',
    'verify: function (request) { return { userId: request.headers.get("x-user")! } }',
  ])('report a verify that gives back its own argument: %s', async (verify) => {
    expect(await kindsIn(provider(verify))).toContain('provider-echo')
  })

  test('report a function of the file that gives back its own argument', async () => {
    expect(await kindsIn(`${provider('verify: pass')}const pass = (userId: string) => ({ userId })\n`)).toContain(
      'provider-echo',
    )
  })

  test.each([
    'verify: (id) => store.find(id)',
    'verify: async (id) => { const found = await store.find(id); return found && { userId: found.userId } }',
    'verify: (request) => { if (request.secret !== "s") throw new Error("no"); return { userId: request.user } }',
    'verify: () => ({ userId: "fixed" })',
  ])('list every other provider as a place to audit: %s', async (verify) => {
    expect(await kindsIn(provider(verify))).toEqual(['identity-provider'])
  })

  test.each([
    ["vouchForUser({ userId: 'u' }, { reason: 'nightly job' })", false],
    ["vouchForUser({ userId: 'u' }, { reason })", false],
    ["vouchForUser({ userId: 'u' }, { reason: Reasons.nightly })", false],
    ["vouchForUser({ userId: 'u' }, { reason: `job ${reason}` })", false],
    ["vouchForUser({ userId: 'u' }, { reason: process.argv[2]! })", true],
    ["vouchForUser({ userId: 'u' }, { reason: `job ${given}` })", true],
    ["vouchForUser({ userId: 'u' }, { reason: given })", true],
    ["path.execute({}, {}, { outlivesIdentity: { reason: 'nightly job', untilMs: 1 } })", false],
    ['path.execute({}, {}, { outlivesIdentity: { untilMs: 1, reason } })', false],
    ['path.execute({}, {}, { outlivesIdentity: { reason: given, untilMs: 1 } })', true],
    ["path.execute({}, {}, { outlivesIdentity: { reason: 'for ' + given, untilMs: 1 } })", true],
    ['path.execute({}, { reason: given })', false],
  ])('report a reason that is no constant: %s', async (call, isFound) => {
    const use =
      "import { vouchForUser } from './library'\ndeclare const path: { execute: (...given: object[]) => void }\n" +
      "declare const process: { argv: string[] }\nconst reason = 'import'\nenum Reasons { nightly = 'n' }\n" +
      `export const f = (given: string) => [given, reason, Reasons, process, path, ${call}]\n`
    expect(await kindsIn(use)).toEqual(isFound ? ['vouched-reason'] : [])
  })
})
