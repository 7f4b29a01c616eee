/**
 * The AI SDK door: any language model of the Vercel AI SDK as an agent, and runs as its UI message stream.
 * Needs the optional peer `ai`, which is loaded when the first run of such an agent starts.
 */
export { aiSdkAgent, aiSdkTool, type AiSdkAgentOptions, type AiSdkTool } from './adapters/ai-sdk-agent.ts'
export {
  aiSdkMapping,
  parseChatRequest,
  uiMessageStreamEnd,
  uiMessageStreamHeaders,
  type ResumeGapData,
  type RunChunk,
  type RunData,
} from './adapters/ai-sdk-stream.ts'
export type { ForeignRunRequest } from './adapters/foreign-request.ts'
