/**
 * The interceptor: the ambient context where it was asked for, and the reason of a handler that was stopped.
 */
import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common'
import { catchError, type Observable } from 'rxjs'
import type { RunWithContext } from '../scopes/scope-options.ts'
import { toFailure } from '../scopes/to-failure.ts'
import { userContextOptions, type UserContextModuleOptions } from './module-options.ts'
import { findScopeOf } from './scope-of.ts'

/** Registered by the module for the whole app. It does nothing where no guard has verified a user. */
export class UserContextInterceptor implements NestInterceptor {
  readonly #ambient: RunWithContext | undefined

  /** @param options - Of forRoot(): Nest passes them. */
  constructor({ ambient }: UserContextModuleOptions) {
    this.#ambient = ambient
  }

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const scope = findScopeOf(execution)
    if (scope === undefined) return next.handle()
    // Nest binds what handle() starts to the async context of this call.
    const handled = this.#ambient === undefined ? next.handle() : this.#ambient(scope.context, () => next.handle())
    return handled.pipe(
      catchError((error: unknown) => {
        throw toFailure(error, scope)
      }),
    )
  }
}

Injectable()(UserContextInterceptor)
Inject(userContextOptions)(UserContextInterceptor, undefined, 0)
