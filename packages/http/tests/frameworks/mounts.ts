/**
 * The golden path below `/api` of an app of each framework, as its guide mounts it. For tests only.
 */
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { GoldenPathServer } from '@user-execution-context/golden-path/server'
import express from 'express'
import express4 from 'express-4'
import Fastify from 'fastify'
import { Hono } from 'hono'

/** From a golden path to the server of an app whose page at `/` is `the page`. */
export const mounts: Readonly<Record<string, (goldenPath: GoldenPathServer) => Promise<Server>>> = {
  'Express 5': async (goldenPath) => mountInExpress(express, goldenPath),
  'Express 4': async (goldenPath) => mountInExpress(express4 as unknown as typeof express, goldenPath),
  'Fastify': async (goldenPath) => {
    const app = Fastify()
    app.addHook('onRequest', (request, reply, done) => {
      if (!goldenPath.handles(request.raw)) return done()
      reply.hijack()
      goldenPath.handleRequest(request.raw, reply.raw)
    })
    app.get('/', async () => 'the page')
    await app.ready()
    return app.server.on('upgrade', goldenPath.handleUpgrade)
  },
  'Hono': async (goldenPath) => {
    const listener = getRequestListener(new Hono().get('/', (c) => c.text('the page')).fetch)
    // Before Hono, which would answer a request that somebody else has answered.
    const server = createServer((request, response) =>
      goldenPath.handleRequest(request, response, () => void listener(request, response)),
    )
    return server.on('upgrade', goldenPath.handleUpgrade)
  },
  'NestJS': async (goldenPath) => {
    const app = await NestFactory.create(PageModule, { logger: false })
    app.use(goldenPath.handleRequest)
    await app.init()
    return (app.getHttpServer() as Server).on('upgrade', goldenPath.handleUpgrade)
  },
}

@Controller()
class PageController {
  @Get()
  page() {
    return 'the page'
  }
}
@Module({ controllers: [PageController] })
class PageModule {}

function mountInExpress(make: typeof express, goldenPath: GoldenPathServer): Server {
  const app = make()
  app.use(make.json(), goldenPath.handleRequest)
  app.get('/', (_request, response) => void response.send('the page'))
  return createServer(app).on('upgrade', goldenPath.handleUpgrade)
}
