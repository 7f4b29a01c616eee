/**
 * NestJS 11 and 12, HTTP and WebSocket: a module, a guard, parameter decorators and an exception filter.
 */
export { ContextExceptionFilter } from './nestjs/context-exception-filter.ts'
export { CurrentContext, CurrentScope } from './nestjs/current-context.ts'
export type { GatewayClient } from './nestjs/gateway-client.ts'
export type { UserContextModuleAsyncOptions, UserContextModuleOptions } from './nestjs/module-options.ts'
export { scopeOf } from './nestjs/scope-of.ts'
export { UserContextGuard } from './nestjs/user-context-guard.ts'
export { UserContextModule } from './nestjs/user-context-module.ts'
export { UserContexts } from './nestjs/user-contexts.ts'
