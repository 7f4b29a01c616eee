/**
 * The lists of controls that tests are held to, each with what it demands in a few words. `apart`: why no test of this
 * repository can meet it. The words of the lists are theirs: OWASP AISVS 1.01 (sections 9.5, 10.2 to 10.4),
 * RFC 8693, RFC 8725, RFC 9068 and draft-ietf-oauth-transaction-tokens.
 */
export type Control = { readonly demands: string; readonly apart?: string }

const met = (demands: string): Control => ({ demands })
const apart = (demands: string, why: string): Control => ({ demands, apart: why })
const byClient = 'it is of MCP clients, and this is a server'

/** As tests name them: `(AISVS 10.3.3)`, `AISVS 9.5.2, 9.5.5`. */
export const aisvs: Readonly<Record<string, Control>> = {
  '9.5.1': met('policies say which tools an agent may call, with which arguments'),
  '9.5.2': met('a token of limited scope, with integrity, carries the rights of the user downstream'),
  '9.5.3': met('code decides on access, and no model'),
  '9.5.4': met('no credential is where a model sees it'),
  '9.5.5': met('a policy limits what one agent hands to another'),
  '9.5.6': met('a long session asks the policy of now at every privileged action'),
  '10.2.1': met('a server validates the token of each request'),
  '10.2.2': met('issuer, audience, expiry and scope of a token are validated'),
  '10.2.3': met('a server keeps no token'),
  '10.2.4': met('a list has the tools only that the scopes allow'),
  '10.2.5': met('each call is authorized, with its arguments'),
  '10.2.6': met('what belongs to a session ends with it'),
  '10.2.7': met('a server takes tokens only that were issued for it'),
  '10.3.1': met('transport over HTTP is authenticated; that it is encrypted, the proxy in front decides'),
  '10.3.2': met('stdio is for a local user, who is named'),
  '10.3.3': met('Origin and Host are validated, each by itself'),
  '10.3.4': apart('a client refuses old versions of the protocol', byClient),
  '10.3.5': apart('tokens are bound to their sender', 'no package checks DPoP or certificates: put a proxy in front'),
  '10.4.1': met('results are held to their schemas'),
  '10.4.2': apart('results are screened for injected prompts', byClient),
  '10.4.3': met('unknown and oversized arguments are refused, where the schema of the tool says so'),
  '10.4.4': met('schemas are enforced'),
  '10.4.5': met('messages have a largest size'),
  '10.4.6': apart('a server signs its results', 'the protocol has no field for a signature that a client would check'),
  '10.4.7': apart('a client asks before it installs a server', byClient),
  '10.4.8': apart('a client asks again when a tool changes', byClient),
  '10.4.9': apart('a proxy keeps the grants of its clients apart', 'no package is a proxy, and none hands a token on'),
}

/** As tests name them: `RFC 8725 section 3.1`, `RFC 8725 sections 3.8 and 3.10`. */
export const rfcs: Readonly<Record<string, Readonly<Record<string, Control>>>> = {
  'RFC 8693': {
    '4.1': met('the claim act names who acts, and who acted before; prior actors decide nothing'),
    '4.4': apart('the claim may_act names who may act', 'no package exchanges tokens: an exchange would check it'),
  },
  'RFC 8725': {
    '3.1': met('the caller lists the algorithms, and a key is used with its own'),
    '3.2': met('cryptography is of today'),
    '3.3': met('every operation is validated, and one that fails refuses the token'),
    '3.4': apart('inputs of cryptography are validated', 'no key is agreed with a point that a token brings'),
    '3.5': met('keys have enough entropy'),
    '3.6': met('nothing is compressed before it is encrypted'),
    '3.7': met('text is UTF-8'),
    '3.8': met('issuer and subject are validated'),
    '3.9': met('the audience is validated'),
    '3.10': met('no claim and no header is followed'),
    '3.11': met('tokens have types'),
    '3.12': met('rules for kinds of tokens exclude each other'),
  },
  'RFC 9068': {
    '2.1': met('the type is at+jwt'),
    '2.2': met('claims that an access token has'),
    '4': met('how a server validates an access token'),
    '5': met('a client is told from a person'),
  },
}

/** Sections by title, because their numbers change from draft to draft: `(Transaction Tokens, Scope Processing)`. */
export const transactionTokens: Readonly<Record<string, Control>> = {
  'JWT Header': met('the type is txntoken+jwt'),
  'JWT Body Claims': met('the claims of a text'),
  'Txn-Token Lifetime': met('a text lives for a short time'),
  'Txn-Token Validation': met('what is validated'),
  'Unique Transaction Identifier': met('a text of one use opens once'),
  'Scope Processing': met('no hop widens the scope'),
  'TTS Key Rotation': met('keys rotate'),
  'Transaction Tokens Are Not OAuth 2.0 Access Tokens': met('a text is no login token'),
  'Txn-Token as a subject_token': met('what has ended is not sealed again'),
  'Handling of Personal Information': met('personal data is protected'),
  'Logging': met('no text stands in a log'),
  'Access Tokens': met('no text holds the access token of its user'),
  'Txn-Token Request': apart('a service issues them over HTTP', 'a process seals for itself, with a key of its own'),
  'Mutual Authentication of the Txn-Token Request': apart('that service is authenticated', 'there is no such service'),
}
