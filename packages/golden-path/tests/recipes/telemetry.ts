import type { Agent } from '@user-execution-context/golden-path'
import { goldenPathTelemetry } from '@user-execution-context/golden-path/opentelemetry'
import { openGoldenPathServer, type GoldenPathServerOptions } from '@user-execution-context/golden-path/server'

/** Call it after your SDK has been registered. */
export const openTracedServer = (agent: Agent, options: Omit<GoldenPathServerOptions, 'agent'>) => {
  const { observe, traceRun, traceAgent } = goldenPathTelemetry()
  return openGoldenPathServer({ ...options, agent: traceAgent(agent), observe, traceRun })
}
