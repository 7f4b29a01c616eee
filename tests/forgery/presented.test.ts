// Replay and forgery against every public function that takes a sealed text, an approval, a handle or a ticket, found
// by the names of their parameters in the declarations. AISVS 9.5.2; RFC 8725 section 3.3.
import type { UserExecutionContext, VerifiedFacts, VerifiedUser } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Crossed } from './crossing.ts'
import { importEntryPoints } from './native-entry-points.ts'
import { call, type Exports } from './entry-points.ts'
import { findFunctionsWithParameters, publicEntryPoints } from './exported-entry-points.ts'
import { setSignIn } from './hop-crossings.ts'
import { presented, presentedNames } from './presented.ts'

let loaded: ReadonlyMap<string, Exports>
const core = (): Exports => loaded.get('user-execution-context')!
let attempts = 0

beforeAll(async () => {
  loaded = await importEntryPoints()
  setSignIn(() => signIn('s-2'))
})
afterAll(() => console.log(`attack table of what is forged or used: ${attempts} attempts, each refused`))

const signIn = (sessionId: string): Promise<VerifiedUser> => {
  const verify = (): VerifiedFacts => ({ userId: '1001', tenantId: 't-1', sessionId, issuedAtMs: Date.now() })
  const identity = call(core(), 'identityProvider', { name: 'oidc', namespace: 'issuer', verify })
  return (identity as (credentials: string) => Promise<VerifiedUser>)('x')
}
const rows = Object.entries(presented).flatMap(([entryPoint, functions]) =>
  Object.entries(functions).flatMap(([name, row]) =>
    'nothing' in row
      ? []
      : Object.entries(row.refuses).map(([what, [answer, attempt]]) => ({ entryPoint, name, what, answer, attempt })),
  ),
)

describe('the table of what is presented', () => {
  test('has each public function that takes such a thing, and no other', () => {
    const found = Object.keys(publicEntryPoints).flatMap((entryPoint) =>
      findFunctionsWithParameters(presentedNames, entryPoint).map((name) => `${entryPoint} ${name}`),
    )
    const named = Object.entries(presented).flatMap(([entryPoint, of]) =>
      Object.keys(of).map((n) => `${entryPoint} ${n}`),
    )
    expect(named.sort()).toEqual(found.sort())
  })
})

test.each(rows)('$name refuses $what', async ({ entryPoint, answer, attempt }) => {
  attempts++
  const victim = call(core(), 'createForUser', await signIn('s-1')) as UserExecutionContext
  const exports = loaded.get(entryPoint)!
  const crossed = { exports, core: core(), victim, thief: victim } as unknown as Crossed
  let outcome: unknown
  try {
    outcome = await attempt(crossed)
  } catch (error) {
    outcome = (error as { readonly code?: string }).code ?? (error as Error).message
  }
  if (answer instanceof RegExp) expect(outcome).toMatch(answer)
  else expect(outcome).toEqual(answer)
})
