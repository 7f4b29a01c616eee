/**
 * The interceptor for an app that asked for an ambient context.
 */
import type { NestInterceptor } from '@nestjs/common'
import type { UserContextModuleOptions } from './module-options.ts'
import { findContextOf } from './scope-of.ts'

/**
 * What the module registers for the whole app. Nothing where no ambient context was asked for: an interceptor costs as
 * much as a third of all that Nest does for a request.
 */
export const toAmbientInterceptor = ({ ambient }: UserContextModuleOptions): NestInterceptor | undefined =>
  ambient && {
    intercept: (execution, next) => {
      const context = findContextOf(execution)
      // Nest binds what handle() starts to the async context of this call.
      return context === undefined ? next.handle() : ambient(context, () => next.handle())
    },
  }
