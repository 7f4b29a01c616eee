import { join } from 'node:path'
import { API, SignatureKind, type Type } from 'typescript/unstable/sync'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { toAskTogether } from '../../src/engine/ask-together.ts'
import { recordMessages, type Sent } from './sent-messages.ts'
import { strictConfig, temporaryProject } from './temporary-project.ts'

const count = 400
const text = Array.from(
  { length: count },
  (_, at) =>
    `export interface Kind${at} { (call: string): void; new (made: Date): Date; first: string; second${at}: { ` +
    'deep: number } }\n',
).join('')

describe('toAskTogether', () => {
  let sent: Sent
  beforeAll(async () => {
    sent = await recordMessages()
  })

  /** A project of many types, and the questions that this file puts to it. */
  const open = (platform?: NodeJS.Platform) => {
    const root = temporaryProject({ 'tsconfig.json': strictConfig, 'src/kinds.ts': text })
    const api = new API({ cwd: root })
    onTestFinished(() => api.close())
    const project = api
      .updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] })
      .getProject(join(root, 'tsconfig.json'))!
    const file = join(root, 'src/kinds.ts')
    const positions = Array.from({ length: count }, (_, at) => text.indexOf(`Kind${at} `))
    const types = project.checker.getTypeAtPosition(file, positions) as Type[]
    sent.messages.length = 0
    sent.writes.length = 0
    const fields = (type: Type): string =>
      project.checker
        .getPropertiesOfType(type)
        .map((symbol) => `${symbol.name} ${project.checker.typeToString(project.checker.getTypeOfSymbol(symbol)!)}`)
        .join()
    return { askTogether: toAskTogether(api, platform), types, fields, checker: project.checker }
  }

  test('finds what each would find alone, in few writes', () => {
    const { askTogether, types, fields } = open()
    const together = new Map<Type, string>()
    askTogether(types, (type) => void together.set(type, fields(type)))
    const waits = sent.writes.length
    const alone = types.map(fields)
    expect(types.map((type) => together.get(type))).toEqual(alone)
    expect(alone[7]).toBe('first string,second7 { deep: number; }')
    // Each asked alone waits for every one of its five questions.
    expect(sent.writes.length - waits).toBe(count * 5)
    expect(waits).toBeLessThan(count / 2)
  })

  test('writes no more before it reads than a pipe holds', () => {
    const { askTogether, types, checker } = open()
    askTogether(types, (type) => void checker.getPropertiesOfType(type))
    expect(sent.writes.length).toBeGreaterThan(1)
    expect(Math.max(...sent.writes)).toBeLessThanOrEqual(8_192)
  })

  test('puts one question once, whoever asks it', () => {
    const { askTogether, types, checker } = open()
    askTogether([1, 2, 3], () => void checker.getPropertiesOfType(types[0]!))
    expect(sent.messages.map(({ method }) => method)).toEqual(['getPropertiesOfType'])
  })

  test('tells two questions about one type apart', () => {
    const { askTogether, types, checker } = open()
    const found = new Map<Type, string[]>()
    askTogether(types.slice(0, 2), (type) => {
      const signatures = [SignatureKind.Call, SignatureKind.Construct].map(
        (kind) => checker.getSignaturesOfType(type, kind)[0]!,
      )
      found.set(
        type,
        signatures.map((one) => one.getParameters()[0]!.name),
      )
    })
    expect([...found.values()]).toEqual([
      ['call', 'made'],
      ['call', 'made'],
    ])
  })

  test('leaves a question that fails to whoever asks in earnest, and answers the others', () => {
    const { askTogether, types, checker } = open()
    const broken = { ...types[0]!, id: 987_654_321 } as Type
    const found: string[] = []
    askTogether([types[1]!, broken, types[2]!], (type) => void found.push(checker.typeToString(type)))
    expect(found).toEqual(['Kind1', 'Kind2'])
    expect(() => checker.typeToString(broken)).toThrow()
    expect(checker.typeToString(types[3]!)).toBe('Kind3')
  })

  test('asks in order again when it is done, also within itself', () => {
    const { askTogether, types, checker } = open()
    const inner: string[] = []
    askTogether([types[0]!], () => askTogether([types[1]!], (type) => void inner.push(checker.typeToString(type))))
    expect(inner).toEqual([])
    askTogether([types[1]!], (type) => void inner.push(checker.typeToString(type)))
    expect(inner).toEqual(['Kind1'])
  })

  test('asks nothing ahead where a pipe may hold nothing', () => {
    const { askTogether, types, fields } = open('win32')
    askTogether(types, (type) => void fields(type))
    expect(sent.messages).toEqual([])
  })

  test('reads a long answer whole', () => {
    const { askTogether, types, checker } = open()
    const long = types.map((type) => checker.getPropertiesOfType(type)).flat()
    let asked: readonly (Type | undefined)[] = []
    askTogether([long], (symbols) => void (asked = checker.getTypeOfSymbol(symbols)))
    expect(asked).toHaveLength(count * 2)
    expect(asked.every((type) => type !== undefined)).toBe(true)
  })
})
