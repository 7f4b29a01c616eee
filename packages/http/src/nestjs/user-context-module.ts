/**
 * The module for NestJS.
 */
import { Module, type DynamicModule } from '@nestjs/common'
import { findUnknownKeys } from 'user-execution-context'
import { assertPeerVersion } from '../peers/peer-version.ts'
import { toAmbientInterceptor } from './ambient-interceptor.ts'
import { ContextExceptionFilter } from './context-exception-filter.ts'
import {
  userContextOptions,
  type UserContextModuleAsyncOptions,
  type UserContextModuleOptions,
} from './module-options.ts'
import { UserContextGuard } from './user-context-guard.ts'
import { UserContexts } from './user-contexts.ts'
import { invalidOptions } from '../strategies/token-strategy.ts'

/**
 * The module: import it once, with forRoot() or forRootAsync(). It is global, so every module can inject UserContexts
 * and use the guard, and it registers ContextExceptionFilter for the whole app, because Nest sends the message of an
 * error that has a status, and ours are for the developer. The guard is yours to place: `@UseGuards(UserContextGuard)`,
 * or `{ provide: APP_GUARD, useExisting: UserContextGuard }` for every route.
 *
 * @example
 * ```ts
 * import type { DynamicModule } from '@nestjs/common'
 * import { identityProvider } from 'user-execution-context'
 * import { UserContextModule } from '@user-execution-context/http/nestjs'
 *
 * const identity = identityProvider({
 *   name: 'tokens',
 *   verify: (token: string) => (token === 'token-of-ada' ? { userId: 'ada' } : undefined),
 * })
 * export const imported: DynamicModule = UserContextModule.forRoot({ identity })
 * ```
 */
export class UserContextModule {
  /**
   * The module with options that are known at load.
   *
   * @throws {ContextError} `ERR_CONTEXT_PEER_UNSUPPORTED`, `ERR_CONTEXT_INVALID_OPTIONS`.
   */
  static forRoot(options: UserContextModuleOptions): DynamicModule {
    // Refused here, where the call is in the stack, and not at the start of Nest.
    void new UserContexts(options)
    return toModule({ useFactory: () => options })
  }

  /**
   * The module with options from a factory.
   *
   * @throws {ContextError} As forRoot(); for what the factory gives, at start.
   */
  static forRootAsync(options: UserContextModuleAsyncOptions): DynamicModule {
    const issues = findUnknownKeys(options, ['imports', 'inject', 'useFactory'])
    if (typeof options?.useFactory !== 'function') issues.push({ path: 'useFactory', kind: 'not a function' })
    if (issues.length > 0) throw invalidOptions(issues)
    return toModule(options)
  }
}

Module({})(UserContextModule)

function toModule({ imports = [], inject = [], useFactory }: UserContextModuleAsyncOptions): DynamicModule {
  assertPeerVersion('@nestjs/common')
  return {
    module: UserContextModule,
    global: true,
    imports,
    providers: [
      { provide: userContextOptions, inject, useFactory },
      UserContexts,
      UserContextGuard,
      // Under these names, constants of @nestjs/core, Nest looks for what holds for the whole app.
      { provide: 'APP_FILTER', useClass: ContextExceptionFilter },
      { provide: 'APP_INTERCEPTOR', inject: [userContextOptions], useFactory: toAmbientInterceptor },
    ],
    exports: [UserContexts, UserContextGuard],
  }
}
