/**
 * The door of the server: the golden path as handlers that an app mounts, or that listen by themselves.
 */
export { commonHeaders } from './server/answer.ts'
export type { ListenOptions } from './server/listener.ts'
export { openGoldenPathServer, type GoldenPathServer } from './server/open-golden-path-server.ts'
export type { GoldenPathServerOptions, Log, LogRecord } from './server/server-options.ts'
