// The golden path with version 7 of the AI SDK, which needs Node 22.
import { createRequire } from 'node:module'
import * as ai from 'ai'
import * as openaiCompatible from '@ai-sdk/openai-compatible'
import * as aiSdk from '@user-execution-context/golden-path/ai-sdk'
import * as login from '@user-execution-context/golden-path/login'
import * as server from '@user-execution-context/golden-path/server'
import * as ws from 'ws'
import { check } from '../harness/check.mjs'
import { expectStreamedModel } from '../harness/golden-path-checks.mjs'

const { version } = createRequire(import.meta.url)('./node_modules/ai/package.json')

await check(
  `golden-path, ai ${version}, Node ${process.versions.node}`,
  'a model over HTTP calls a tool and streams to its user',
  () => expectStreamedModel({ login, server, aiSdk, ai, openaiCompatible }, ws),
)
process.exit(0)
