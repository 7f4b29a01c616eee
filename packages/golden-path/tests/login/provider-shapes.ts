/**
 * Tokens as well-known providers issue them, after their public documentation, and the options that fit. For tests
 * only.
 */
import type { JwtIdentityOptions } from '../../src/login/jwt-options.ts'

type Claims = Readonly<Record<string, unknown>>
/** A token as it should not sign a user in, and the code that says why. */
type Refused = { readonly claims: Claims; readonly code: string }

export type ProviderShape = {
  readonly name: string
  /** All but the issuer and the keys. */
  readonly options: Pick<JwtIdentityOptions, 'audience'> & Partial<JwtIdentityOptions>
  readonly algorithm: 'RS256' | 'ES256'
  /** The `typ` header; undefined where the provider writes none. */
  readonly headerType?: string
  /** A user's token, without `iss`, `iat` and `exp`. */
  readonly claims: Claims
  readonly user: Claims
  /** Changes that make it a token for another service. */
  readonly elsewhere: Claims
  /** An ID token that names this service as its audience, so that nothing but its kind is wrong. */
  readonly idToken: Claims
  /** A token that a program got for itself. */
  readonly machine: Refused
}

const service = 'ERR_CONTEXT_TOKEN_SERVICE'
const guid = 'a1b2c3d4-0000-4000-8000-00000000000'

export const providerShapes: readonly ProviderShape[] = [
  {
    // https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
    name: 'Auth0',
    options: { audience: 'https://api.example.com', tenantClaim: 'org_id', permissionClaims: ['permissions'] },
    algorithm: 'RS256',
    headerType: 'at+jwt',
    claims: {
      sub: 'auth0|64b1',
      aud: ['https://api.example.com', 'https://example.auth0.com/userinfo'],
      client_id: 'spa-1',
      jti: 'j-1',
      scope: 'openid profile',
      org_id: 'org_9ybsU1dN2dKfDkBi',
      permissions: ['read:notes', 'write:notes'],
    },
    user: { userId: 'auth0|64b1', tenantId: 'org_9ybsU1dN2dKfDkBi', permissions: ['read:notes', 'write:notes'] },
    elsewhere: { aud: 'https://billing.example.com' },
    idToken: { sub: 'auth0|64b1', aud: 'https://api.example.com', nonce: 'n-1', sid: 's-1', email_verified: true },
    machine: {
      claims: {
        sub: 'abc@clients',
        aud: 'https://api.example.com',
        azp: 'abc',
        gty: 'client-credentials',
        scope: 'read:notes',
      },
      code: service,
    },
  },
  {
    // https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/#access-token
    name: 'Okta',
    options: { audience: 'api://default', userIdClaim: 'uid', permissionClaims: ['scp', 'groups'] },
    algorithm: 'RS256',
    claims: {
      ver: 1,
      jti: 'AT.1',
      sub: "sean.o'brien@example.com",
      aud: 'api://default',
      cid: '0oa1gjh63g214q0Hq0g4',
      uid: '00uid4BxXw6I6TV4m0g3',
      scp: ['openid', 'notes.read'],
      groups: ['Everyone'],
      auth_time: 1_600_000_000,
    },
    user: { userId: '00uid4BxXw6I6TV4m0g3', permissions: ['openid', 'notes.read', 'Everyone'] },
    elsewhere: { aud: 'api://billing' },
    idToken: { sub: '00uid4BxXw6I6TV4m0g3', uid: '00u', aud: 'api://default', at_hash: 'h', amr: ['pwd'], ver: 1 },
    machine: {
      claims: { ver: 1, sub: '0oa2', cid: '0oa2', uid: '0oa2', aud: 'api://default', scp: ['notes.read'] },
      code: service,
    },
  },
  {
    // https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
    name: 'Entra',
    options: {
      audience: `${guid}1`,
      userIdClaim: 'oid',
      tenantClaim: 'tid',
      permissionClaims: ['scp', 'roles'],
    },
    algorithm: 'RS256',
    headerType: 'JWT',
    claims: {
      aud: `${guid}1`,
      azp: `${guid}2`,
      azpacr: '0',
      oid: `${guid}3`,
      sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
      tid: `${guid}4`,
      sid: `${guid}5`,
      scp: 'Notes.Read Notes.Write',
      roles: ['Editor'],
      ver: '2.0',
    },
    user: {
      userId: `${guid}3`,
      tenantId: `${guid}4`,
      sessionId: `${guid}5`,
      permissions: ['Notes.Read', 'Notes.Write', 'Editor'],
    },
    elsewhere: { aud: '00000003-0000-0000-c000-000000000000' },
    idToken: { aud: `${guid}1`, oid: `${guid}3`, sub: 'HKZ', tid: `${guid}4`, nonce: '12345', ver: '2.0' },
    machine: {
      claims: {
        aud: `${guid}1`,
        azp: `${guid}2`,
        azpacr: '1',
        oid: `${guid}6`,
        sub: `${guid}6`,
        tid: `${guid}4`,
        roles: ['Editor'],
      },
      code: service,
    },
  },
  {
    // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
    name: 'Cognito',
    options: { audience: 'client-1', audienceClaim: 'client_id', permissionClaims: ['scope', 'cognito:groups'] },
    algorithm: 'RS256',
    claims: {
      'sub': `${guid}7`,
      'cognito:groups': ['admins'],
      'client_id': 'client-1',
      'origin_jti': `${guid}8`,
      'token_use': 'access',
      'scope': 'aws.cognito.signin.user.admin notes/read',
      'username': 'ada',
    },
    user: { userId: `${guid}7`, permissions: ['aws.cognito.signin.user.admin', 'notes/read', 'admins'] },
    elsewhere: { client_id: 'client-2' },
    idToken: { sub: `${guid}7`, aud: 'client-1', client_id: 'client-1', token_use: 'id', email: 'ada@example.com' },
    machine: {
      claims: { sub: 'client-1', client_id: 'client-1', token_use: 'access', scope: 'notes/read' },
      code: service,
    },
  },
  {
    // https://www.keycloak.org/docs/latest/server_admin/#_audience
    name: 'Keycloak',
    options: {
      audience: 'notes-api',
      permissionClaims: [
        ['realm_access', 'roles'],
        ['resource_access', 'notes-api', 'roles'],
      ],
    },
    algorithm: 'RS256',
    headerType: 'JWT',
    claims: {
      sub: `${guid}9`,
      aud: ['notes-api', 'account'],
      typ: 'Bearer',
      azp: 'notes-spa',
      sid: `${guid}a`,
      nonce: 'n-1',
      realm_access: { roles: ['offline_access', 'editor'] },
      resource_access: { 'notes-api': { roles: ['read'] }, 'account': { roles: ['view-profile'] } },
      scope: 'openid email profile',
      preferred_username: 'ada',
    },
    user: { userId: `${guid}9`, sessionId: `${guid}a`, permissions: ['offline_access', 'editor', 'read'] },
    elsewhere: { aud: 'account' },
    idToken: { sub: `${guid}9`, aud: 'notes-api', typ: 'ID', azp: 'notes-api', at_hash: 'h' },
    machine: {
      claims: {
        sub: `${guid}b`,
        aud: 'notes-api',
        typ: 'Bearer',
        azp: 'cron',
        clientHost: '10.0.0.1',
        client_id: 'cron',
        preferred_username: 'service-account-cron',
      },
      code: service,
    },
  },
  {
    // https://learn.microsoft.com/en-us/windows-server/identity/ad-fs/development/ad-fs-openid-connect-oauth-concepts
    name: 'AD FS',
    options: { audience: 'microsoft:identityserver:notes-api', permissionClaims: ['scp', 'group'] },
    algorithm: 'RS256',
    headerType: 'JWT',
    claims: {
      aud: 'microsoft:identityserver:notes-api',
      sub: 'C2cQ9oVUyVM+zxN5vJ1vxqGWNvSFKUHlNmRSGgHTc2E=',
      upn: 'ada@corp.example.com',
      group: 'Editors',
      apptype: 'Public',
      appid: `${guid}c`,
      authmethod: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      scp: 'openid',
      ver: '1.0',
    },
    user: { userId: 'C2cQ9oVUyVM+zxN5vJ1vxqGWNvSFKUHlNmRSGgHTc2E=', permissions: ['openid', 'Editors'] },
    elsewhere: { aud: 'microsoft:identityserver:other' },
    idToken: { aud: 'microsoft:identityserver:notes-api', sub: 'C2c=', upn: 'ada@corp.example.com', nonce: 'n-1' },
    machine: {
      claims: { aud: 'microsoft:identityserver:notes-api', apptype: 'Confidential', appid: `${guid}d`, ver: '1.0' },
      code: service,
    },
  },
  {
    // https://clerk.com/docs/guides/sessions/session-tokens
    name: 'Clerk',
    options: {
      audience: 'https://app.example.com',
      audienceClaim: 'azp',
      tenantClaim: ['o', 'id'],
      permissionClaims: [['o', 'rol']],
    },
    algorithm: 'RS256',
    headerType: 'JWT',
    claims: {
      azp: 'https://app.example.com',
      sub: 'user_2XyZ',
      sid: 'sess_2XyZ',
      fva: [7, -1],
      o: { id: 'org_2XyZ', rol: 'admin', slg: 'acme' },
      v: 2,
    },
    user: { userId: 'user_2XyZ', sessionId: 'sess_2XyZ', tenantId: 'org_2XyZ', permissions: ['admin'] },
    elsewhere: { azp: 'https://app.example.com.evil.test' },
    // https://clerk.com/docs/guides/configure/auth-strategies/oauth/how-clerk-implements-oauth
    idToken: { azp: 'https://app.example.com', sub: 'user_2XyZ', aud: 'https://app.example.com', nonce: 'n-1' },
    // https://clerk.com/docs/guides/development/machine-auth/m2m-tokens: no page is the authorized party.
    machine: { claims: { sub: 'mch_2XyZ', scopes: 'mch_3' }, code: 'ERR_CONTEXT_TOKEN_AUDIENCE' },
  },
  {
    // https://supabase.com/docs/guides/auth/jwt-fields
    name: 'Supabase',
    options: { audience: 'authenticated', sessionClaim: 'session_id', permissionClaims: ['role'] },
    algorithm: 'ES256',
    headerType: 'JWT',
    claims: {
      aud: 'authenticated',
      sub: `${guid}e`,
      role: 'authenticated',
      aal: 'aal1',
      amr: [{ method: 'password', timestamp: 1_640_991_600 }],
      session_id: `${guid}f`,
      email: 'ada@example.com',
      is_anonymous: false,
    },
    user: { userId: `${guid}e`, sessionId: `${guid}f`, permissions: ['authenticated'] },
    elsewhere: { aud: 'anon' },
    // https://supabase.com/docs/guides/auth/oauth-server: ID tokens for clients of its OAuth server.
    idToken: { aud: 'authenticated', sub: `${guid}e`, nonce: 'n-1', at_hash: 'h' },
    machine: { claims: { aud: 'authenticated', role: 'service_role' }, code: 'ERR_CONTEXT_TOKEN_SUBJECT' },
  },
  {
    // https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
    name: 'Google',
    options: { audience: 'web.apps.googleusercontent.com', tokenUses: ['id'], tenantClaim: 'hd', permissionClaims: [] },
    algorithm: 'RS256',
    headerType: 'JWT',
    claims: {
      azp: 'web.apps.googleusercontent.com',
      aud: 'web.apps.googleusercontent.com',
      sub: '110169484474386276334',
      hd: 'example.com',
      email: 'ada@example.com',
      email_verified: true,
      at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
      nonce: '0394852-3190485-2490358',
    },
    user: { userId: '110169484474386276334', tenantId: 'example.com', permissions: [] },
    elsewhere: { aud: 'other.apps.googleusercontent.com' },
    idToken: {},
    // https://cloud.google.com/docs/authentication/token-types#id: of a service account.
    machine: {
      claims: {
        aud: 'web.apps.googleusercontent.com',
        azp: '113774264463038321964',
        sub: '113774264463038321964',
        email: 'cron@example.iam.gserviceaccount.com',
        email_verified: true,
      },
      code: service,
    },
  },
]
