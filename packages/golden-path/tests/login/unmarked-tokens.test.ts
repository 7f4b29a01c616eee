// Tokens whose kind no single claim states: refused when what they hold together is of an ID token or of a program, and
// let in when it is what an issuer writes into access tokens.
import { randomBytes } from 'node:crypto'
import { SignJWT, type JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import type { JwtIdentityOptions } from '../../src/login/jwt-options.ts'

const secret = randomBytes(32)
const identity = (options: Partial<JwtIdentityOptions> = {}) =>
  jwtIdentity({
    issuer: 'https://id.example.com',
    audience: ['notes', 'client-1'],
    algorithms: ['HS256'],
    keys: [{ kty: 'oct', alg: 'HS256', kid: 'k', k: secret.toString('base64url') }],
    ...options,
  })
const sign = (claims: JWTPayload, typ?: string): Promise<string> =>
  new SignJWT({ sub: 'u-1', iss: 'https://id.example.com', aud: 'notes', ...claims })
    .setProtectedHeader({ alg: 'HS256', kid: 'k', ...(typ !== undefined && { typ }) })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(secret)
const [tid, oid, appid] = ['4', '3', '2'].map((end) => `a1b2c3d4-0000-4000-8000-00000000000${end}`)
const signedIn = { auth_time: 1_700_000_000, acr: '1', amr: ['pwd'] }

describe('an ID token that no single claim marks', () => {
  test.each<[string, JWTPayload]>([
    // https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    ['Entra 2.0, without a nonce', { oid, tid, ver: '2.0', preferred_username: 'ada@example.com', name: 'Ada' }],
    ['Entra 2.0, with app roles', { oid, tid, ver: '2.0', roles: ['Editor'] }],
    ['Entra 1.0', { oid, tid, ver: '1.0', upn: 'ada@example.com' }],
    // https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/#id-token
    ['Okta', { ver: 1, jti: 'ID.4eAWJOCMB3SX8XewDfVR', idp: '00ok1u7AsAkrwdZL3z0g', amr: ['pwd'] }],
    ['Okta, without methods', { ver: 1, jti: 'ID.4eAWJOCMB3SX8XewDfVR' }],
    // https://openid.net/specs/openid-connect-core-1_0.html#IDToken
    ['OpenID Connect', { ...signedIn, email: 'ada@example.com' }],
    ['OpenID Connect, with the time only', { auth_time: 1_700_000_000, name: 'Ada' }],
    ['OpenID Connect, with methods only', { amr: ['pwd', 'mfa'], preferred_username: 'ada' }],
    ['of the client itself, which `azp` names', { aud: 'client-1', azp: 'client-1', email: 'ada@example.com' }],
    // https://docs.duendesoftware.com/identityserver/fundamentals/claims/
    ['Duende', { ...signedIn, idp: 'local', sid: 's-1' }],
  ])('is refused unless it is named: %s', async (_name, claims) => {
    const token = await sign(claims, 'JWT')
    await expect(identity()(token)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_TYPE',
      issues: [{ path: 'tokenUses', kind: 'does not fit' }],
    })
    await expect(identity({ tokenUses: ['id'] })(token)).resolves.toMatchObject({ userId: 'u-1' })
  })
})

describe('a refresh token, by whatever claim says it', () => {
  test.each(['typ', 'token_use', 'token_type', 'token_usage', 'type', 'use', 'tokenUse', 'tokenType'])(
    'is refused unless it is named: %s',
    async (claim) => {
      for (const value of [
        ...['refresh', 'Refresh', 'refresh_token', 'refresh-token', 'refreshToken', 'RefreshToken', 'REFRESH_TOKEN'],
        ...['refresh token', 'refresh.token', 'urn:ietf:params:oauth:token-type:refresh_token', 'application/rt+jwt'],
      ]) {
        const token = await sign({ [claim]: value, scope: 'read' })
        await expect(identity()(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_TYPE' })
        await expect(identity({ tokenUses: ['refresh'] })(token)).resolves.toMatchObject({ userId: 'u-1' })
      }
    },
  )
})

describe('what a token says of its use, in other spellings', () => {
  test.each<[string, JWTPayload]>([
    ['token_use', { token_use: 'idToken' }],
    ['tokenType', { tokenType: 'IdToken' }],
    ['a claim in another case', { TokenUse: 'ID_TOKEN' }],
    ['a claim with other separators', { 'token-use': 'id' }],
    ['a logout token', { 'token-type': 'logoutToken' }],
    ['two statements of which one suits', { token_use: 'accessToken', tokenType: 'idToken' }],
  ])('is understood: %s', async (_name, claims) => {
    await expect(identity()(await sign({ ...claims, scope: 'read' }))).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_TYPE',
    })
  })

  test.each(['accessToken', 'AccessToken', 'ACCESS_TOKEN', 'Bearer', 'urn:ietf:params:oauth:token-type:access_token'])(
    'lets an access token in: %s',
    async (token_use) => {
      // A nonce is of ID tokens, unless the token says what it is.
      await expect(identity()(await sign({ token_use, nonce: 'n' }))).resolves.toMatchObject({ userId: 'u-1' })
    },
  )
})

describe('a token of a program that names no client', () => {
  test.each<[string, JWTPayload]>([
    // https://auth0.com/docs/get-started/authentication-and-authorization-flow/client-credentials-flow
    ['Auth0', { sub: 'abc@clients', scope: 'read:notes' }],
    // https://learn.microsoft.com/windows-server/identity/ad-fs/development/ad-fs-openid-connect-oauth-concepts
    ['AD FS', { sub: 'C2cQ9oVUyVM=', apptype: 'Confidential', appid, ver: '1.0' }],
    // https://clerk.com/docs/guides/development/machine-auth/m2m-tokens
    ['Clerk', { sub: 'mch_2XyZ', scopes: 'mch_3' }],
  ])('is refused unless services are let in: %s', async (_name, claims) => {
    const token = await sign(claims)
    await expect(identity()(token)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_SERVICE' })
    await expect(identity({ services: true })(token)).resolves.toMatchObject({ identity: { kind: 'service' } })
  })
})

describe('an access token that looks like one of those', () => {
  test.each<[string, JWTPayload, string?]>([
    // https://supabase.com/docs/guides/auth/jwt-fields
    ['Supabase', { role: 'authenticated', amr: [{ method: 'password', timestamp: 1 }], email: 'ada@example.com' }],
    // https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1
    ['RFC 9068, without a scope', { ...signedIn, client_id: 'client-1', jti: 'j', email: 'a@example.com' }, 'at+jwt'],
    ['RFC 9068, without its type', { ...signedIn, client_id: 'client-1', jti: 'j', email: 'a@example.com' }],
    ['Duende', { ...signedIn, idp: 'local', client_id: 'spa', scope: ['notes'], name: 'Ada' }],
    ['Okta', { ver: 1, jti: 'AT.1', cid: 'c', uid: 'u', scp: ['read'], auth_time: 1_700_000_000 }],
    ['Entra 1.0', { oid, tid, appid, ver: '1.0', scp: 'Notes.Read', amr: ['pwd'], unique_name: 'ada@example.com' }],
    ['Entra 2.0', { oid, tid, azp: appid, ver: '2.0', scp: 'Notes.Read', preferred_username: 'ada@example.com' }],
    ['AD FS, by a confidential client', { apptype: 'Confidential', appid, upn: 'ada@corp.example.com', ver: '1.0' }],
    // https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/tokens
    ['FusionAuth', { auth_time: 1_700_000_000, email: 'ada@example.com', applicationId: 'a', roles: ['user'] }],
    ['with rights of its own claim', { ...signedIn, email: 'ada@example.com', permissions: ['read'] }],
    ['of a person called like a machine', { sub: 'auth0|ada@clients', scope: 'read' }],
    ['with nothing but a subject', {}],
    ['with the time of a sign-in', { auth_time: 1_700_000_000 }],
    ['with a profile', { email: 'ada@example.com', name: 'Ada' }],
    ['for signing', { use: 'sig', type: 'user', scope: 'read' }],
  ])('is let in: %s', async (_name, claims, typ) => {
    await expect(identity()(await sign(claims, typ))).resolves.toMatchObject({ identity: { kind: 'person' } })
  })
})
