/**
 * What the module is told.
 */
import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency } from '@nestjs/common'
import type { RequestIdentity } from '../context-from-request.ts'
import type { NodeRequest } from '../request/any-request.ts'
import type { UserContextOptions } from '../scopes/scope-options.ts'

/** Options of the module. `token` and `run` get the request of Node, on Express and on Fastify. */
export type UserContextModuleOptions = UserContextOptions<NodeRequest> & {
  /** What identityProvider() gave; its credentials are a text. */
  readonly identity: RequestIdentity
}

/** Options of the module from a factory, such as one that takes your ConfigService. */
export type UserContextModuleAsyncOptions = Pick<ModuleMetadata, 'imports'> & {
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined
  readonly useFactory: (...injected: never[]) => UserContextModuleOptions | Promise<UserContextModuleOptions>
}

/** The token under which Nest has the options. */
export const userContextOptions = Symbol('options of UserContextModule')
