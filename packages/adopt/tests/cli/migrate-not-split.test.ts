import { expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { makeProject } from './small-project.ts'

const logger = 'export interface Logger { info(text: string): void }\n'
const carried = 'readonly userId: string; readonly requestId: string; readonly logger: Logger'

/** The lines of a dry run that say why a type is not split. */
const linesOf = (context: string, chat: string): readonly string[] => {
  const project = makeProject({
    '.gitignore': 'node_modules\n',
    'src/context.ts': `${logger}${context}\n`,
    'src/chat.ts': `import { type Logger, type RequestContext } from './context'\n${chat}\n`,
    'src/jobs.ts': undefined,
  })
  installPackages(project.root)
  return project.run(['migrate', '--quiet']).stdout.match(/^not split .*/gm) ?? []
}
const literal =
  'export const make = (userId: string, logger: Logger): RequestContext => ' +
  "({ userId, requestId: 'r', logger })\nexport const read = (c: RequestContext) => c.logger.info(c.userId)"
const start = 'not split src/context.ts#RequestContext: it carries more than an identity (logger), but '

test.each([
  [
    'a class',
    'export class RequestContext {\n  constructor(' +
      carried.replaceAll(';', ',') +
      ') {}\n}\nexport const of = (u: string, l: Logger) => new RequestContext(u, "r", l)',
    literal,
    'it is a class, and only an interface or an object type is split',
  ],
  [
    'a type whose members have all the names',
    `export interface RequestContext { ${carried}; context: 1; identity: 2; sealedContext: 3 }`,
    literal.replace('logger })', 'logger, context: 1, identity: 2, sealedContext: 3 })'),
    'its fields take all the names of the new member (context, identity, sealedContext)',
  ],
  [
    'a type without braces',
    `interface Base { ${carried} }\nexport type RequestContext = Base & Pick<Base, "logger">`,
    literal,
    'it has no braces of its own',
  ],
  [
    'a type that nothing makes',
    `export interface RequestContext { ${carried} }`,
    'export const read = (c: RequestContext, l: Logger) => c.logger.info(c.userId + String(l))',
    'nothing that this run may edit makes a value of it',
  ],
])('migrate says why it does not split %s', (_, context, chat, why) => {
  const [line, ...more] = linesOf(context, chat)
  expect(more).toEqual([])
  expect(line?.replace(/\(logger,[^)]*\)/, '(logger)')).toContain(start + why)
})

test.each([
  ['a type that it splits', `export interface RequestContext { ${carried} }`, literal],
  [
    'a class that carries no more than an identity',
    'export class RequestContext {\n  constructor(readonly userId: string, readonly requestId: string) {}\n}',
    "export const make = (userId: string, _: Logger): RequestContext => ({ userId, requestId: 'r' })",
  ],
])('migrate says nothing of that about %s', (_, context, chat) => {
  expect(linesOf(context, chat)).toEqual([])
})
