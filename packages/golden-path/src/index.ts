/**
 * The golden path after login: connection, agent execution, response delivery.
 */
export type { Agent, AgentEvent, AgentInput } from './phases/agent.ts'
export { isAgentRun } from './phases/agent-run.ts'
export type { AgentRun } from './phases/agent-run.ts'
export type { Awaitable } from './phases/awaitable.ts'
export { isConnection } from './phases/connection.ts'
export type { Connection } from './phases/connection.ts'
export { clientMessageSchema, parseClientMessage } from './phases/client-message.ts'
export type { ClientMessage } from './phases/client-message.ts'
export type { DeliveryEnd } from './phases/delivery.ts'
export type { EventLog, EventPage, EventWriter, LoggedEvent, RunKey, RunRecord, Unfollow } from './phases/event-log.ts'
export { inProcessEventLog } from './phases/in-process-event-log.ts'
export { inProcessRunQueue } from './phases/in-process-run-queue.ts'
export { defaultLimits, parseLimits } from './phases/limits.ts'
export type { Limits } from './phases/limits.ts'
export { openGoldenPath } from './phases/open-golden-path.ts'
export type {
  ConnectOptions,
  DeliverOptions,
  ExecuteOptions,
  GoldenPath,
  GoldenPathCloseOptions,
  GoldenPathOptions,
} from './phases/open-golden-path.ts'
export { openReceiver } from './phases/open-receiver.ts'
export type { Receiver, ReceiverOptions } from './phases/open-receiver.ts'
export { RunCancellation, RunCancelled } from './phases/run-cancellation.ts'
export type { RunJob, RunQueue, RunWorker } from './phases/run-queue.ts'
export { serverMessageSchema } from './phases/server-message.ts'
export type { ResumeGap, ServerMessage } from './phases/server-message.ts'
export type { Transport } from './phases/transport.ts'
export { isTerminal, runEventSchema, wireVersion } from './phases/wire-envelope.ts'
export type { CancelReason, RunEvent, RunEventData, RunEventType } from './phases/wire-envelope.ts'
export { wsTransport } from './phases/ws-transport.ts'
export type { RawSocket, WsSocket } from './phases/ws-transport.ts'
