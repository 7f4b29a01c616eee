/**
 * Which files a module needs before it: a construction that runs while such a file loads cannot call into that module.
 */
import { posix } from 'node:path'
import type { MigrateTarget } from './migrate-options.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import type { Placed } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/**
 * @returns Whether a place runs while its file loads and the target's own modules need that file first. Always false
 * for packages.
 */
export const newLoadOrder = (
  workspace: Workspace,
): ((target: MigrateTarget, file: string, placed: Placed) => boolean) => {
  const files = new Set(
    workspace.checker.projects
      .flatMap((project) => project.files)
      .map(workspace.relativeOf)
      .filter((file) => /\.[cm]?[jt]sx?$/.test(file)),
  )
  const known = new Map<string, ReadonlySet<string>>()
  const needsOf = (module: string): ReadonlySet<string> => {
    if (!known.has(module)) known.set(module, reach(workspace, files, findFile(files, module.slice(2))))
    return known.get(module)!
  }
  return (target, file, { ancestors }) =>
    target.imports.some(({ module }) => module.startsWith('./') && needsOf(module).has(file)) &&
    !ancestors.some((node) => waits(node))
}

/** The file that a path without its extension stands for. */
const findFile = (files: ReadonlySet<string>, path: string): string | undefined => {
  const stem = path.replace(/\.[cm]?[jt]sx?$/, '')
  return [path, ...['.ts', '.tsx', '.mts', '.cts', '/index.ts', '/index.tsx'].map((end) => `${stem}${end}`)].find(
    (file) => files.has(file),
  )
}

/** What runs later than its module: functions, and the instance fields of a class. */
function waits(node: Node): boolean {
  return (
    ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type) ||
    (node.type === 'PropertyDefinition' && !node.static)
  )
}

function reach(workspace: Workspace, files: ReadonlySet<string>, start: string | undefined): ReadonlySet<string> {
  const reached = new Set<string>(start === undefined ? [] : [start])
  // A set that grows while it is walked.
  for (const file of reached) {
    for (const specifier of runtimeImports(workspace.edited(file).tree)) {
      const found = specifier.startsWith('.') ? findFile(files, posix.join(posix.dirname(file), specifier)) : undefined
      if (found !== undefined) reached.add(found)
    }
  }
  return reached
}

/** Modules that the file loads: what only gives types is left out. */
function runtimeImports(tree: SyntaxTree): string[] {
  return tree.program.body.flatMap((node) => {
    if (node.type === 'ImportDeclaration') {
      const isTypes =
        node.importKind === 'type' ||
        (node.specifiers.length > 0 &&
          node.specifiers.every((one) => one.type === 'ImportSpecifier' && one.importKind === 'type'))
      return isTypes ? [] : [node.source.value]
    }
    const isExport = node.type === 'ExportAllDeclaration' || node.type === 'ExportNamedDeclaration'
    return isExport && node.source && node.exportKind !== 'type' ? [node.source.value] : []
  })
}
