// NestJS, its user kept by us. For tests only.
import 'reflect-metadata'
import { Controller, Get, Module, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Server } from 'node:http'
import { CurrentContext, UserContextGuard, UserContextModule } from '@user-execution-context/http/nestjs'
import type { RequestIdentity } from '@user-execution-context/http'
import type { UserExecutionContext } from 'user-execution-context'

export const open = async (identity: RequestIdentity): Promise<Server> => {
  @Controller()
  @UseGuards(UserContextGuard)
  class Users {
    @Get()
    read(@CurrentContext() context: UserExecutionContext) {
      return context.userId
    }
  }
  @Module({ imports: [UserContextModule.forRoot({ identity })], controllers: [Users] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false })
  return app.listen(0, '127.0.0.1')
}
