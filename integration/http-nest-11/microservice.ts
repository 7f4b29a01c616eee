// A microservice of Nest over TCP. Its messages have no request of HTTP: the guard refuses each, and its caller is told
// what a client may be told. A handler that verifies what arrives itself keeps two users apart.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import type { AddressInfo, Server } from 'node:net'
import { Controller, Module, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ClientProxyFactory, MessagePattern, Payload, Transport } from '@nestjs/microservices'
import type { MicroserviceOptions } from '@nestjs/microservices'
import { lastValueFrom } from 'rxjs'
import { createForUser, identityProvider, runInScope } from 'user-execution-context'
import type { UserExecutionContext } from 'user-execution-context'
import { CurrentContext, UserContextGuard, UserContextModule } from '@user-execution-context/http/nestjs'

const identity = identityProvider({
  name: 'messages',
  verify: (token: string) => (['ada', 'bob'].includes(token) ? { userId: token } : undefined),
})
let handled = 0

@Controller()
class Messages {
  @MessagePattern('guarded')
  @UseGuards(UserContextGuard)
  guarded() {
    handled += 1
  }
  @MessagePattern('forgotten')
  forgotten(@CurrentContext() context: UserExecutionContext) {
    handled += 1
    return context.userId
  }
  @MessagePattern('verified')
  async verified(@Payload() { token }: { token: string }) {
    return runInScope(createForUser(await identity(token)), {}, ({ context }) => context.userId)
  }
}
@Module({ imports: [UserContextModule.forRoot({ identity })], controllers: [Messages] })
class MessagesModule {}

export const expectRefusedMessages = async () => {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(MessagesModule, {
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port: 0 },
    logger: false,
  })
  await app.listen()
  const { port } = app.unwrap<Server>().address() as AddressInfo
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host: '127.0.0.1', port } })
  const ask = (pattern: string, token: string): Promise<unknown> =>
    lastValueFrom(client.send<unknown>(pattern, { token })).catch((told: unknown) => ({ told }))
  try {
    const ourSide = { code: 'ERR_CONTEXT_NOT_ISSUED', message: 'Something went wrong on our side.' }
    for (const pattern of ['guarded', 'forgotten', 'guarded'])
      expectSame(await ask(pattern, 'ada'), { told: { status: 'error', ...ourSide } })
    assert.equal(handled, 0)
    const signIn = { code: 'ERR_CONTEXT_IDENTITY_REFUSED', message: 'Please sign in.' }
    expectSame(await ask('verified', 'eve'), { told: { status: 'error', ...signIn } })
    const tokens = Array.from({ length: 40 }, (_, index) => (index % 2 ? 'ada' : 'bob'))
    expectSame(await Promise.all(tokens.map((token) => ask('verified', token))), tokens)
  } finally {
    client.close()
    await app.close()
  }
}

function expectSame(found: unknown, wanted: unknown) {
  assert.equal(JSON.stringify(found), JSON.stringify(wanted))
}
