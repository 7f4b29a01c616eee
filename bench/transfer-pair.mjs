// What sealing and opening a context costs against bare jose: EncryptJWT and jwtDecrypt of the same claims, under the
// same header, with the checks that jose has for them. node --expose-gc bench/transfer-pair.mjs PAIR
import { EncryptJWT, jwtDecrypt, jwtVerify, SignJWT, importJWK } from 'jose'
import { openSealed, sealContext, sealingKeys, signingKeys, verificationKeys } from '@user-execution-context/transfer'
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { compareAsync } from './measure.mjs'

const secret = Buffer.alloc(32, 7)
const { sealer, opener } = sealingKeys({
  workload: 'web',
  keys: [{ kty: 'oct', alg: 'A256GCM', kid: '2026-11', k: secret.toString('base64url') }],
})
const user = vouchForUser('auth0:5f7c8ec7c33c6c004bbafe82', {
  reason: 'bench',
  tenantId: 'acme',
  sessionId: '0198c5a2-6a5c-7d1e-8f7e-1f2a3b4c5d6e',
  permissions: ['notes:read', 'notes:write'],
  expiresAtMs: Date.now() + 900_000,
})
const context = createForUser(user)
const hop = { audience: 'worker', purpose: 'send-report' }
const ttlMs = 600_000

const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'decrypt'])
const header = {
  alg: 'dir',
  enc: 'A256GCM',
  typ: 'txntoken+jwt',
  kid: '2026-11',
  aud: 'worker',
  purpose: 'send-report',
}
const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
const { x, d } = await crypto.subtle.exportKey('jwk', pair.privateKey)
const service = { kty: 'OKP', crv: 'Ed25519', kid: 'web-1', x }
const signer = signingKeys({ workload: 'web', key: { ...service, d }, readable: true })
const verifier = verificationKeys({ workload: 'web', keys: [service] })
const signed = await sealContext(context, { ...hop, sealer: signer.sealer, ttlMs })
const [privateKey, publicKey] = [await importJWK({ ...service, d }, 'EdDSA'), await importJWK(service, 'EdDSA')]

/** The claims of a text, without what each text has anew. */
const claims = JSON.parse(Buffer.from(signed.split('.')[1], 'base64url'))
for (const name of ['jti', 'iat', 'exp', 'aud']) delete claims[name]
const fill = (jwt) => jwt.setIssuedAt().setExpirationTime('10m').setAudience(hop.audience).setJti(crypto.randomUUID())

const text = await sealContext(context, { ...hop, sealer, ttlMs })
const bare = await fill(new EncryptJWT(claims)).setProtectedHeader(header).encrypt(key)
const checks = { audience: hop.audience, typ: 'txntoken+jwt' }
const encryption = { ...checks, keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }
const signHeader = { alg: 'EdDSA', typ: 'txntoken+jwt', kid: 'web-1' }

const seal = () => sealContext(context, { ...hop, sealer, ttlMs })
const encrypt = () => fill(new EncryptJWT(claims)).setProtectedHeader(header).encrypt(key)
const open = () => openSealed(text, { ...hop, opener, liveness: 'end-only' })
const decrypt = () => jwtDecrypt(bare, key, encryption)
const bind = Buffer.from(JSON.stringify({ report: 7, format: 'pdf', to: ['ada@example.com'] }))
const bound = await sealContext(context, { ...hop, sealer, ttlMs, bind })

const pairs = {
  control: [encrypt, encrypt],
  seal: [seal, encrypt],
  open: [open, decrypt],
  sealBound: [() => sealContext(context, { ...hop, sealer, ttlMs, bind }), encrypt],
  openBound: [() => openSealed(bound, { ...hop, opener, bind, liveness: 'end-only' }), decrypt],
  sealSigned: [
    () => sealContext(context, { ...hop, sealer: signer.sealer, ttlMs }),
    () => fill(new SignJWT(claims)).setProtectedHeader(signHeader).sign(privateKey),
  ],
  openSigned: [
    () => openSealed(signed, { ...hop, opener: verifier.opener, liveness: 'end-only' }),
    () => jwtVerify(signed, publicKey, { ...checks, algorithms: ['EdDSA'] }),
  ],
}
const [first, second] = pairs[process.argv[2]]
console.log(JSON.stringify(await compareAsync(first, second, { operations: 500 })))
