/**
 * The state that a client keeps between two rounds of one request, and could give to anybody.
 *
 * It is sealed to its user, tenant, session, method, target, arguments and time, and opens once. The attack it stops:
 * the state of one user, echoed by another who uses the same client application.
 */
import { deriveChild, type FrozenJsonRecord, type JsonRecord, type UserExecutionContext } from 'user-execution-context'
import { openSealed, sealContext } from '@user-execution-context/transfer'
import type { Settings } from '../options/options.ts'
import { toCanonicalJson } from './canonical-json.ts'

/** The request that a state belongs to. */
export type RequestParts = {
  /** Such as `'tools/call'`. */
  readonly method: string
  /** The name of the tool or prompt, or the address of the resource. */
  readonly target: string
  /** The arguments, as JSON. */
  readonly input: unknown
}

const purpose = 'mcp-request-state'
const encoder = new TextEncoder()

/** Seals a state for one request of one user. `keep` goes along, encrypted. */
export const sealState = (
  context: UserExecutionContext,
  parts: RequestParts,
  keep: JsonRecord,
  { state, resourceUrl }: Settings,
): Promise<string> => {
  const { sealer, ttlMs = 600_000 } = state
  const asking = deriveChild(context, 'mcp-input-required', { agentContext: keep })
  const bind = toBinding(parts)
  return sealContext(asking, {
    sealer,
    audience: toAudience(resourceUrl),
    purpose,
    ttlMs,
    bind,
    once: true,
    carry: true,
  })
}

/**
 * Opens a state for the user who presents it, with the same request. Gives what was kept.
 *
 * @throws {ContextError} What openSealed() rejects with.
 */
export const unsealState = async (
  text: string,
  context: UserExecutionContext,
  parts: RequestParts,
  { state, resourceUrl, sessions }: Settings,
): Promise<FrozenJsonRecord> => {
  const { opener, replay } = state
  const liveness = sessions === undefined ? ({ liveness: 'end-only' } as const) : { sessions }
  const hop = { audience: toAudience(resourceUrl), purpose, bind: toBinding(parts) }
  const opened = await openSealed(text, { ...hop, opener, replay, owner: context, ...liveness })
  return opened.agentContext
}

function toBinding({ method, target, input }: RequestParts): readonly Uint8Array[] {
  // The text of the arguments is JSON inside JSON: bytes that look like an object are read strictly, and a number of
  // theirs that another language rounds is no reason to refuse a tool its own arguments.
  return [method, target, `arguments ${toCanonicalJson(input)}`].map((part) => encoder.encode(part))
}

/** An audience has neither quotes nor spaces, and a URL that was parsed has none. */
function toAudience({ href }: URL): string {
  return href
}
