/**
 * For the AI SDK: any language model of the Vercel AI SDK as an agent, and runs as its UI message stream.
 * Needs the optional peer `ai`, which is loaded when the first run of such an agent starts.
 */
export { aiSdkAgent, type AiSdkAgentOptions, type ModelSettings } from './adapters/ai-sdk-agent.ts'
export { aiSdkTool, type AiSdkTool } from './adapters/ai-sdk-tools.ts'
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
