/**
 * Keeps a file that is nested too deeply away from the parser, which is native and would end the process.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** Below these no parser runs out of stack; above, a process of its own tries first. */
const harmlessDepth = 150
const harmlessRepeats = 2_000

/** True when the parser, tried in a process of its own, does not come back. */
export const isTooDeep = (text: string, lang: string): boolean => isSuspicious(text) && !survives(text, lang)

/** Brackets inside strings and comments count too: that costs one trial more and misses nothing. */
const isSuspicious = (text: string): boolean => {
  if (text.length < harmlessDepth) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 40 || code === 91 || code === 123) {
      if (++depth > harmlessDepth) return true
    } else if ((code === 41 || code === 93 || code === 125) && depth > 0) depth--
  }
  if (text.length < harmlessRepeats) return false
  return hasLongChain(text) || openers.some((opener) => isRepeated(text, opener))
}

const isRepeated = (text: string, opener: string): boolean => {
  let count = 0
  for (let at = text.indexOf(opener); at !== -1; at = text.indexOf(opener, at + opener.length))
    if (++count >= harmlessRepeats) return true
  return false
}

/** True for a long row of operators before one value: it is nested as deeply as it is long. */
export const hasLongChain = (text: string): boolean => chains.some((chain) => chain.test(text))

const chains = [/(?:[!~+-]\s*){150}/, /(?:\b(?:typeof|void|await|delete|new|keyof|readonly)\s+){150}/]
const openers = ['=>', '?', 'else if', '<', 'extends', '`']

/** A thread has the smaller stack, and the command runs in one. */
const trial = `
const { isMainThread, Worker, workerData } = require('node:worker_threads')
const { readFileSync } = require('node:fs')
const [oxc, lang] = process.argv.slice(1)
const parse = async () => {
  const { oxc, lang, text } = require('node:worker_threads').workerData
  const { parseSync } = await import(oxc)
  parseSync('trial', text, { lang, sourceType: 'module', preserveParens: true }).program.body.length
}
const given = { oxc, lang, text: readFileSync(0, 'utf8') }
const worker = new Worker('(' + parse + ')()', { eval: true, workerData: given })
worker.on('exit', (code) => { process.exitCode = code })
`

const survives = (text: string, lang: string): boolean => {
  const oxc = pathToFileURL(createRequire(import.meta.url).resolve('oxc-parser')).href
  const { status } = spawnSync(process.execPath, ['-e', trial, oxc, lang], {
    input: text,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  return status === 0
}
