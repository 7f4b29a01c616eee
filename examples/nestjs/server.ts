// NestJS: a context for each request. A list is its user's, and a long report stops with its request.
import { setTimeout as pause } from 'node:timers/promises'
import { BadRequestException, Body, Controller, Get, Module, Param, Post, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { identityProvider, liveSessions, own, type Scope, type UserExecutionContext } from 'user-execution-context'
import { CurrentContext, CurrentScope, UserContextGuard, UserContextModule } from '@user-execution-context/http/nestjs'
// Yours: jwtIdentity() with your issuer. Here a table, so that the program needs no issuer.
export const tokens = new Map([
  ['token-of-ada', { userId: 'ada', sessionId: 's-1', expiresAtMs: Date.now() + 3_600_000 }],
  ['token-of-bob', { userId: 'bob', sessionId: 's-2', expiresAtMs: Date.now() + 3_600_000 }],
])
export const sessions = liveSessions({ maxProofMs: 3_600_000 })
const identity = identityProvider({ name: 'tokens', sessions, verify: (token: string) => tokens.get(token) })
const lists = new Map<string, string[]>()
export const reports = new Set<string>()

@Controller()
@UseGuards(UserContextGuard)
class NotesController {
  @Post('notes/:list')
  add(@CurrentContext() context: UserExecutionContext, @Param('list') list: string, @Body('text') text: unknown) {
    if (typeof text !== 'string') throw new BadRequestException('Send JSON: { "text": "…" }')
    const notes = own(context, lists.get(list) ?? [])
    notes.push(text)
    lists.set(list, notes)
    return { user: context.userId, notes }
  }
  @Get('report')
  report(@CurrentScope() scope: Scope) {
    reports.add(scope.context.requestId)
    scope.defer(() => reports.delete(scope.context.requestId))
    return pause(60_000, { user: scope.context.userId }, { signal: scope.signal })
  }
}
@Module({ imports: [UserContextModule.forRoot({ identity })], controllers: [NotesController] })
class AppModule {}
export const server = await (await NestFactory.create(AppModule)).listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
console.log('Listens on', server.address())
