/**
 * The golden path after login: connection, agent execution, response delivery.
 */
export type { Agent, AgentEvent, AgentInput } from './phases/ports/agent.ts'
export { isAgentRun } from './phases/execution/agent-run.ts'
export type { AgentRun } from './phases/execution/agent-run.ts'
export type { Awaitable } from './phases/ports/awaitable.ts'
export { isConnection } from './phases/connection/connection.ts'
export type { Connection } from './phases/connection/connection.ts'
export { clientMessageSchema, parseClientMessage } from './phases/wire/client-message.ts'
export type { ClientMessage } from './phases/wire/client-message.ts'
export type { DeliveryEnd, DeliveryStart } from './phases/delivery/delivery.ts'
export type {
  EventLog,
  EventPage,
  EventWriter,
  LoggedEvent,
  RunKey,
  RunRecord,
  Unfollow,
} from './phases/ports/event-log.ts'
export { endUnexecutedRun } from './phases/execution/end-unexecuted-run.ts'
export type { UnexecutedRun, UnexecutedRunEnd } from './phases/execution/end-unexecuted-run.ts'
export { inProcessEventLog } from './phases/ports/in-process-event-log.ts'
export { inProcessRunQueue } from './phases/ports/in-process-run-queue.ts'
export { inProcessStartKeys } from './phases/ports/in-process-start-keys.ts'
export type { StartClaim, StartKey, StartKeyStore } from './phases/ports/start-key-store.ts'
export { defaultLimits, parseLimits } from './phases/limits.ts'
export type { Limits } from './phases/limits.ts'
export type {
  ConnectOptions,
  DeliverOptions,
  ExecuteOptions,
  GoldenPath,
  GoldenPathCloseOptions,
  GoldenPathOptions,
} from './phases/golden-path.ts'
export type { GoldenPathEvent, GoldenPathFigures, Observe, RunOutcome } from './phases/golden-path-event.ts'
export { openGoldenPath } from './phases/open-golden-path.ts'
export { openReceiver } from './phases/open-receiver.ts'
export type { Receiver, ReceiverOptions } from './phases/open-receiver.ts'
export type { TraceRun } from './phases/execution/trace-parent.ts'
export { findLostEvents } from './phases/ports/run-position.ts'
export type { LostEvents, RunPosition } from './phases/ports/run-position.ts'
export { RunCancellation, RunCancelled } from './phases/ports/run-cancellation.ts'
export type { FiledStart, RunJob, RunQueue, RunWorker, UnexecutedEnd } from './phases/ports/run-queue.ts'
export { serverMessageSchema } from './phases/wire/server-message.ts'
export type { ResumeGap, ServerMessage } from './phases/wire/server-message.ts'
export type { Transport } from './phases/connection/transport.ts'
export { isTerminal, runEventSchema, wireVersion } from './phases/wire/wire-envelope.ts'
export type { CancelReason, RunEvent, RunEventData, RunEventType } from './phases/wire/wire-envelope.ts'
export { wsTransport } from './phases/connection/ws-transport.ts'
export type { RawSocket, WsSocket } from './phases/connection/ws-transport.ts'
