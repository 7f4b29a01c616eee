/**
 * The server: the golden path as handlers that an app mounts, or that listen by themselves.
 */
export { commonHeaders } from './server/answer.ts'
export { hardenHttpServer } from './server/harden-http-server.ts'
export type { ServerBounds } from './server/harden-http-server.ts'
export type { CloseOptions } from './server/lifecycle.ts'
export type { ListenOptions } from './server/listener.ts'
export type { Log, LogRecord, ServerErrorListener } from './server/log-record.ts'
export { openGoldenPathServer } from './server/open-golden-path-server.ts'
export type { GoldenPathServer } from './server/open-golden-path-server.ts'
export type { OwnUsers } from './server/own-users.ts'
export type { GoldenPathServerOptions } from './server/server-options.ts'
