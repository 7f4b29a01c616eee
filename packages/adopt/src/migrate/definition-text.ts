/**
 * The text that stands where an old definition stood: a type re-export, a constant with what was static, or a probe
 * for proofs.
 */
import type { ChangeUnit, LazyEdit } from './change-unit.ts'
import type { Static } from './class-statics.ts'
import type { WantedImport } from './import-edits.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { headerOf } from './file-header.ts'
import { quoteText } from './source-style.ts'
import type { SourceStyle } from './source-style.ts'
import type { SyntaxTree } from '../engine/syntax.ts'
import { statementEnd } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** A definition and the file around it. */
export type Place = {
  readonly workspace: Workspace
  readonly tree: SyntaxTree
  readonly style: SourceStyle
  readonly placed: Placed
  readonly name: string
  /** Whether the file itself goes on using the name. */
  readonly isLocal: boolean
  readonly target: MigrateTarget
  readonly file: string
}

/** `export type { T as Old } from '…'`, and an import beside it when the file itself uses the name. */
export const toReexport = (place: Place): ChangeUnit => {
  const { workspace, style, placed, name, isLocal, target, file } = place
  const module = workspace.spell(target.type.module, file)
  const exported = exportedAs(placed, name)
  const own: WantedImport = { module, name: target.type.name, isType: true, as: name }
  const alias = (from: string, to: string): string => (from === to ? from : `${from} as ${to}`)
  const braces = (text: string): string => `{${style.braceSpace}${text}${style.braceSpace}}`
  const text =
    exported === undefined
      ? ''
      : isLocal
        ? `export type ${braces(alias(name, exported))}${style.semicolon}`
        : `export type ${braces(alias(target.type.name, exported))} from ${quoteText(module, style)}${style.semicolon}`
  const needsImport = isLocal || exported === undefined
  return {
    file,
    purpose: 'definition',
    edits: [{ ...wholeDeclaration(place, { withLine: text === '' }), print: () => text }],
    wants: needsImport ? [own] : [],
  }
}

/**
 * The type, and a constant of the same name with the static members: callers of `Old.fromRequest(…)` stay as they are.
 */
export const toConstant = (
  place: Place,
  members: readonly Static[],
  { hasGuard, former }: { readonly hasGuard: boolean; readonly former: string | undefined },
): ChangeUnit => {
  const { workspace, style, name, target, file, placed } = place
  const sealed = `Sealed${target.type.name}`
  const isExported = exportedAs(placed, name) !== undefined
  const guard =
    target.guard && hasGuard
      ? { module: workspace.spell(target.guard.module, file), name: target.guard.name, isType: false }
      : undefined
  const print: LazyEdit['print'] = (slice, local) => {
    const word = isExported ? 'export ' : ''
    const lines = [
      // Of the old class some are still made.
      ...(guard
        ? [
            `${style.indent}[Symbol.hasInstance]: (value: unknown): boolean => ${local(guard.name)}(value)` +
              `${former === undefined ? '' : ` || value instanceof ${former}`},`,
          ]
        : []),
      ...members.map((member) => `${style.indent}${member.print(slice)},`),
    ]
    return [
      `${word}type ${name} = ${sealed}${style.semicolon}`,
      `${word}const ${name} = {`,
      ...lines,
      `}${style.semicolon}`,
    ].join(style.lineEnd)
  }
  const type: WantedImport = {
    module: workspace.spell(target.type.module, file),
    name: target.type.name,
    isType: true,
    as: sealed,
  }
  return {
    file,
    purpose: 'definition',
    edits: [{ ...wholeDeclaration(place, { withLine: false }), print }],
    wants: guard ? [type, guard] : [type],
  }
}

/** For proofs only: the sealed type under the old name, and a value that anything can be called of. Never written. */
export const toProbe = (place: Place, members: readonly Static[]): ChangeUnit => {
  const { workspace, name, target, file, placed } = place
  const exported = exportedAs(placed, name)
  const sealed = `Probed${target.type.name}`
  const type: WantedImport = {
    module: workspace.spell(target.type.module, file),
    name: target.type.name,
    isType: true,
    as: sealed,
  }
  const word = exported === name ? 'export ' : ''
  const print: LazyEdit['print'] = (slice) =>
    [
      `${word}type ${name} = ${sealed};`,
      // The members stay in the text, so that constructions inside them are proved like all others.
      ...(members.length > 0
        ? [`const probedMembers = { ${members.map((member) => member.print(slice)).join(', ')} };`]
        : []),
      `${word}declare const ${name}: { new (...parameters: any[]): ${sealed} } & ` +
        `${members.length > 0 ? 'typeof probedMembers' : '{ [member: string]: any }'};`,
      ...(exported === 'default' ? [`export default ${name};`] : []),
    ].join(' ')
  return {
    file,
    purpose: 'definition',
    edits: [{ ...wholeDeclaration(place, { withLine: false }), print }],
    wants: [type],
  }
}

/** Name under which the declaration itself exports, or undefined. */
function exportedAs({ ancestors }: Placed, name: string): string | undefined {
  const owner = ancestors.at(-1)
  return owner?.type === 'ExportDefaultDeclaration'
    ? 'default'
    : owner?.type === 'ExportNamedDeclaration'
      ? name
      : undefined
}

/** With `export`, decorators and the doc comment above, which describes what is gone. */
function wholeDeclaration(
  { tree, placed }: Place,
  { withLine }: { readonly withLine: boolean },
): { start: number; end: number } {
  const owner = placed.ancestors.at(-1)!
  const outer = owner.type === 'Program' ? placed.node : owner
  const comment = tree.comments.findLast(
    (one) =>
      one.end <= outer.start &&
      tree.text.slice(one.end, outer.start).trim() === '' &&
      tree.text.startsWith('/**', one.start),
  )
  const end = statementEnd(tree.text, outer)
  const line = withLine ? /^[ \t]*\r?\n/.exec(tree.text.slice(end)) : null
  const isHeader = comment !== undefined && headerOf(tree)?.end === comment.end
  return { start: (isHeader ? undefined : comment?.start) ?? outer.start, end: end + (line?.[0].length ?? 0) }
}
