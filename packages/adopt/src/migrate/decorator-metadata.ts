/**
 * Decorator metadata: with `emitDecoratorMetadata` the types of a decorated class's signatures are values when the
 * code runs.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJsonc } from '../engine/read-jsonc.ts'
import type { Node } from '../engine/syntax.ts'

/** Whether a type stands in a signature of a class that has decorators, and not in a function's body. */
export const isInDecoratedSignature = (ancestors: readonly Node[]): boolean => {
  const index = ancestors.findLastIndex((node) => node.type === 'ClassDeclaration' || node.type === 'ClassExpression')
  const owner = ancestors[index]
  if (!owner || ancestors.slice(index).some((node) => node.type === 'BlockStatement')) return false
  if (owner.type !== 'ClassDeclaration' && owner.type !== 'ClassExpression') return false
  return (
    hasDecorators(owner) ||
    owner.body.body.some(
      (member) =>
        hasDecorators(member) || (member.type === 'MethodDefinition' && member.value.params.some(hasDecorators)),
    )
  )
}

/** Whether a tsconfig, or one that it extends by a path, sets `emitDecoratorMetadata`. */
export const emitsDecoratorMetadata = (configFile: string, depth = 0): boolean => {
  if (depth > 8 || !existsSync(configFile)) return false
  const config = readJsonc(readFileSync(configFile, 'utf8')) as
    | { compilerOptions?: { emitDecoratorMetadata?: boolean }; extends?: string | readonly string[] }
    | undefined
  const own = config?.compilerOptions?.emitDecoratorMetadata
  if (own !== undefined) return own
  return [config?.extends ?? []].flat().some((one) => {
    const path = join(dirname(configFile), one)
    return one.startsWith('.') && emitsDecoratorMetadata(path.endsWith('.json') ? path : `${path}.json`, depth + 1)
  })
}

function hasDecorators(node: unknown): boolean {
  const { decorators } = node as { readonly decorators?: readonly unknown[] }
  return (decorators?.length ?? 0) > 0
}
