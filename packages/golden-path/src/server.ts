/**
 * The server: the golden path as handlers that an app mounts, or that listen by themselves.
 */
export { commonHeaders } from './server/answer.ts'
export { goldenPathLog } from './server/golden-path-log.ts'
export type { GoldenPathLog, GoldenPathLogOptions } from './server/golden-path-log.ts'
export { hardenHttpServer } from './server/harden-http-server.ts'
export type { ServerBounds } from './server/harden-http-server.ts'
export type { CloseOptions } from './server/lifecycle.ts'
export type { ListenOptions } from './server/listener.ts'
export { logEvents, logLevels } from './server/log-events.ts'
export type { LogEvent, LogFields, LogFieldsOf, LogLevel } from './server/log-events.ts'
export type { ErrorRecord, Log, LogRecord, ServerErrorListener } from './server/log-record.ts'
export { openGoldenPathServer } from './server/open-golden-path-server.ts'
export type { GoldenPathServer } from './server/open-golden-path-server.ts'
export type { OwnUsers } from './server/own-users.ts'
export type { OwnServerEvent, RefusedAt, ServerEvent } from './server/server-event.ts'
export type { GoldenPathServerOptions } from './server/server-options.ts'
