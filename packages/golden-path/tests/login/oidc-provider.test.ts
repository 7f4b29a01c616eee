// A certified OpenID provider in this process: tokens as its own code makes them, over its own endpoints.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { jwtIdentity } from '../../src/login/jwt-identity.ts'
import type { JwtAlgorithm } from '../../src/login/jwt-keys.ts'
import type { JwtIdentityOptions } from '../../src/login/jwt-options.ts'

const audience = 'https://notes.example.com'
const algorithms = ['PS256', 'ES384', 'Ed25519'] as const satisfies readonly JwtAlgorithm[]

describe.each(algorithms)('jwtIdentity for oidc-provider with %s', (alg) => {
  let server: Server
  let issuer: string
  let provider: Provider

  beforeAll(async () => {
    vi.spyOn(console, 'info').mockImplementation(() => undefined)
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { privateKey } = await generateKeyPair(alg, { extractable: true })
    const key: JWK = { ...(await exportJWK(privateKey)), alg, kid: alg, use: 'sig' }
    const resourceServer = {
      scope: 'notes.read notes.write',
      audience,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg } },
    } as const
    provider = new Provider(issuer, {
      jwks: { keys: [key as never] },
      enabledJWA: { idTokenSigningAlgValues: [alg] },
      clients: [
        {
          client_id: 'web',
          client_secret: 'secret-of-web',
          redirect_uris: ['https://app.example.com/callback'],
          grant_types: ['authorization_code', 'client_credentials'],
          id_token_signed_response_alg: alg,
        },
      ],
      pkce: { required: () => false },
      findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: { enabled: true, getResourceServerInfo: () => resourceServer },
      },
    })
    server.on('request', provider.callback())
  })
  afterAll(() => {
    vi.restoreAllMocks()
    server.close()
  })

  const identity = (change: Partial<JwtIdentityOptions> = {}): ReturnType<typeof jwtIdentity> =>
    jwtIdentity({ issuer, audience, discovery: true, algorithms: [alg], ...change })

  const askForTokens = async (form: Readonly<Record<string, string>>): Promise<Record<string, string>> => {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('web:secret-of-web').toString('base64')}` },
      body: new URLSearchParams({ resource: audience, ...form }),
    })
    expect(response.status).toBe(200)
    return (await response.json()) as Record<string, string>
  }

  // What the provider keeps once a user has signed in and agreed on its page.
  const signIn = async (): Promise<Record<string, string>> => {
    const grant = new provider.Grant({ accountId: 'ada', clientId: 'web' })
    grant.addOIDCScope('openid')
    grant.addResourceScope(audience, 'notes.read')
    const code = new provider.AuthorizationCode({
      accountId: 'ada',
      client: (await provider.Client.find('web'))!,
      grantId: await grant.save(),
      gty: 'authorization_code',
      nonce: 'n-1',
      redirectUri: 'https://app.example.com/callback',
      resource: audience,
      scope: 'openid notes.read',
    } as never)
    return askForTokens({
      grant_type: 'authorization_code',
      code: await code.save(),
      redirect_uri: 'https://app.example.com/callback',
    })
  }

  test('takes the access token of a user, and no ID token (RFC 9068 section 4)', async () => {
    const { access_token: accessToken, id_token: idToken } = await signIn()
    await expect(identity({ headerTypes: ['at+jwt'] })(accessToken!)).resolves.toMatchObject({
      userId: 'ada',
      permissions: ['notes.read'],
    })
    await expect(identity()(idToken!)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_AUDIENCE' })
    await expect(identity({ audience: 'web' })(idToken!)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOKEN_TYPE' })
    await expect(identity({ audience: 'web', tokenUses: ['id'] })(idToken!)).resolves.toMatchObject({ userId: 'ada' })
  })

  test('refuses the token of a program unless services are accepted (RFC 9068 section 5)', async () => {
    const { access_token: token } = await askForTokens({ grant_type: 'client_credentials', scope: 'notes.read' })
    await expect(identity()(token!)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOKEN_SERVICE',
      issues: [{ path: 'services', kind: 'missing' }],
    })
    await expect(identity({ services: true })(token!)).resolves.toMatchObject({ userId: 'web' })
  })
})
