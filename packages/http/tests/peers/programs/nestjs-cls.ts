// NestJS, its user kept by nestjs-cls. For tests only.
import 'reflect-metadata'
import { Controller, Get, Inject, Injectable, Module, UseGuards } from '@nestjs/common'
import type { CanActivate, ExecutionContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ClsModule, ClsService } from 'nestjs-cls'
import type { IncomingMessage, Server } from 'node:http'
import type { RequestIdentity } from '@user-execution-context/http'
import { check } from './check.ts'

export const open = async (identity: RequestIdentity): Promise<Server> => {
  @Injectable()
  class Guard implements CanActivate {
    @Inject(ClsService) readonly cls!: ClsService
    async canActivate(execution: ExecutionContext) {
      const { headers } = execution.switchToHttp().getRequest<IncomingMessage>()
      const { userId } = await check(identity, headers.authorization)
      this.cls.set('userId', userId)
      return true
    }
  }
  @Controller()
  @UseGuards(Guard)
  class Users {
    @Inject(ClsService) readonly cls!: ClsService
    @Get()
    read() {
      return this.cls.get<string>('userId')
    }
  }
  @Module({ imports: [ClsModule.forRoot({ global: true, middleware: { mount: true } })], controllers: [Users] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false })
  return app.listen(0, '127.0.0.1')
}
