// What two audiences that compare their signed texts of one context have in common: docs/transfer.md names it.
import { expect, test } from 'vitest'
import { sealContext } from '../../src/index.ts'
import { contextOf, pairwiseSigner } from '../deployment.ts'

type Claims = { readonly [name: string]: unknown }
const claimsOf = (text: string): Claims =>
  JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()) as Claims

/** Members by path, one level deep, as texts. */
const members = (claims: Claims): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(claims).flatMap(([name, value]): readonly [string, string][] =>
      ['tctx', 'rctx'].includes(name)
        ? Object.entries(value as Claims).map(([inner, of]) => [`${name}.${inner}`, JSON.stringify(of)])
        : [[name, JSON.stringify(value)]],
    ),
  )

test('texts for two audiences share what follows a transaction, and neither user nor session', async () => {
  const context = contextOf('alice', { tenantId: 'acme', sessionId: 's-1', permissions: ['notes:read'] })
  const seal = async (audience: string) =>
    members(
      claimsOf(await sealContext(context, { sealer: pairwiseSigner.sealer, audience, purpose: 'p', ttlMs: 60_000 })),
    )
  const [one, other] = [await seal('one'), await seal('other')]
  const ofTime = ['iat', 'exp']
  const same = [...one].filter(([name, value]) => other.get(name) === value && !ofTime.includes(name))
  expect(same.map(([name]) => name).sort()).toEqual(
    [
      ...['txn', 'scope', 'req_wl', 'tctx.purpose', 'tctx.ns', 'tctx.tid', 'tctx.thread', 'tctx.made'],
      ...['rctx.request', 'rctx.depth', 'rctx.provider'],
    ].sort(),
  )
  for (const name of ['sub', 'tctx.sid', 'jti', 'aud']) expect(one.get(name)).not.toBe(other.get(name))
})
