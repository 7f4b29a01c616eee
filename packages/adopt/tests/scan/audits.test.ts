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
  'declare const logger: Console\ndeclare const verified: (given: unknown) => string\n' +
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
    'verify: (h) => { const userId = h; return { userId } }',
    'verify: (r) => { const { userId } = r.headers; return { userId } }',
    'verify: (r) => { const [first] = r.users; const copy = first; return { userId: copy } }',
    'verify: (h) => ({ userId: h ?? "user_1" })',
    'verify: (h) => { return { userId: h || "user_1" } }',
    'verify: (h) => (h ? { userId: h } : { userId: "x1" })',
    'verify: (h) => { return { userId: h === undefined ? "x1" : h.id } }',
    'verify: (h) => { console.warn("x"); return { userId: h } }',
    'verify: (h) => { console.error("x"); logger.error(h); return { userId: h } }',
    'verify: (h) => Object.assign({}, { userId: h })',
    'verify: (h) => { if (!h) throw new Error("no"); return { userId: h } }',
    'verify: (h) => { if (typeof h !== "string") { return } return { userId: h } }',
  ])('report a verify that gives back its own argument: %s', async (verify) => {
    expect(await kindsIn(provider(verify))).toContain('provider-echo')
  })

  test('report a function of the file that gives back its own argument', async () => {
    expect(await kindsIn(`${provider('verify: pass')}const pass = (userId: string) => ({ userId })\n`)).toContain(
      'provider-echo',
    )
  })

  test('report options of the file whose verify gives back its own argument', async () => {
    const use =
      "import { identityProvider } from './library'\n" +
      'const verify = (userId: string) => ({ userId })\nconst options = { name: "a", verify }\n' +
      'export const p = identityProvider(options)\n'
    expect(await kindsIn(use)).toEqual(['provider-echo'])
  })

  test.each([
    'verify: (id) => store.find(id)',
    'verify: (h) => (verified(h) ? { userId: h } : { userId: "x1" })',
    'verify: (h) => (h.secret === "s" ? { userId: h.user } : undefined)',
    'verify: (h) => h.secret === "s" && { userId: h.user }',
    'verify: (h) => { const user = verified(h); return { userId: user } }',
    'verify: (h) => { if (h !== "s") throw new Error("no"); return { userId: h } }',
    'verify: (h) => { if (!h) { store.find(h) } return { userId: h } }',
    'verify: (h) => { return { userId: verified(h) ?? "user_1" } }',
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
    ["vouchForUser({ userId: 'u' }, options)", false],
    ["vouchForUser({ userId: 'u' }, { ...given, reason: 'nightly job' })", false],
    ["vouchForUser({ userId: 'u' }, given)", true],
    ["vouchForUser({ userId: 'u' }, { ...given })", true],
    ["vouchForUser({ userId: 'u' }, computed)", true],
    ['vouchForUser(...given)', true],
    ["v({ userId: 'u' }, { reason: 'nightly job' })", false],
    ["v({ userId: 'u' }, { reason: given })", true],
    ["vouchForUser.call(undefined, { userId: 'u' }, { reason: 'nightly job' })", false],
    ["vouchForUser.call(undefined, { userId: 'u' }, { reason: given })", true],
    ["v.apply(undefined, [{ userId: 'u' }, { reason: given }])", true],
    ["path.execute({}, {}, { outlivesIdentity: { reason: 'nightly job', untilMs: 1 } })", false],
    ['path.execute({}, {}, { outlivesIdentity: { untilMs: 1, reason } })', false],
    ['path.execute({}, {}, { outlivesIdentity: { reason: given, untilMs: 1 } })', true],
    ["path.execute({}, {}, { outlivesIdentity: { reason: 'for ' + given, untilMs: 1 } })", true],
    ['path.execute({}, { reason: given })', false],
  ])('report a reason that is no constant: %s', async (call, isFound) => {
    const use =
      "import { vouchForUser } from './library'\ndeclare const path: { execute: (...given: object[]) => void }\n" +
      "declare const process: { argv: string[] }\nconst reason = 'import'\nenum Reasons { nightly = 'n' }\n" +
      "const v = vouchForUser\nconst options = { reason: 'job' }\nconst computed = { reason: process.argv[2]! }\n" +
      `export const f = (given: any) => [given, reason, Reasons, process, path, ${call}]\n`
    expect(await kindsIn(use)).toEqual(isFound ? ['vouched-reason'] : [])
  })

  test('end where constants are bound in a circle', async () => {
    const use = "import { vouchForUser } from './library'\nconst a: any = b\nconst b: any = a\na()\n"
    const call = "vouchForUser({ userId: 'u' }, { reason: a })"
    expect(await kindsIn(`${use}export const f = [${call}]\n`)).toEqual(['vouched-reason'])
  })

  test.each([
    ["export { vouchForUser as trust } from './library'", true],
    ["import { vouchForUser } from './library'\nexport { vouchForUser as trust }", true],
    ["import { vouchForUser } from './library'\nconst v = vouchForUser\nexport { v as vouchForUsers }", true],
    ["import { vouchForUser as v } from './library'\nexport const trust = v", true],
    ["export { vouchForUser } from './library'", false],
    ["import { vouchForUser as v } from './library'\nexport { v as vouchForUser }", false],
    ["export { identityProvider as trust } from './library'", false],
  ])('report vouching that other files know by another name: %s', async (use, isFound) => {
    expect(await kindsIn(`${use}\n`)).toEqual(isFound ? ['vouched-reason'] : [])
  })
})
