/**
 * Turns the options of an old tsconfig into options that TypeScript 7 and 6 accept and that mean the same for checking.
 * Emit options are dropped: nothing is ever written.
 */
import { dirname, isAbsolute, join } from 'node:path'

/** Options as the compiler's config parser gives them: enums are numbers, paths absolute. */
export type ParsedOptions = Readonly<Record<string, unknown>>

const targets: Record<number, string> = {
  2: 'es2015',
  3: 'es2016',
  4: 'es2017',
  5: 'es2018',
  6: 'es2019',
  7: 'es2020',
  8: 'es2021',
  9: 'es2022',
  10: 'es2023',
  11: 'es2024',
  12: 'es2025',
  99: 'esnext',
}
const modules: Record<number, string> = {
  1: 'commonjs',
  5: 'es2015',
  6: 'es2020',
  7: 'es2022',
  99: 'esnext',
  100: 'node16',
  101: 'node18',
  102: 'node20',
  199: 'nodenext',
  200: 'preserve',
}
const resolutions: Record<number, string> = { 3: 'node16', 99: 'nodenext', 100: 'bundler' }
const jsx: Record<number, string> = { 1: 'preserve', 2: 'react-native', 3: 'react', 4: 'react-jsx', 5: 'react-jsxdev' }
const detections: Record<number, string> = { 1: 'auto', 2: 'legacy', 3: 'force' }

/** Options that say what checks and never where output goes; everything else is left out. */
const kept = [
  'allowArbitraryExtensions',
  'allowJs',
  'checkJs',
  'allowUmdGlobalAccess',
  'customConditions',
  'emitDecoratorMetadata',
  'erasableSyntaxOnly',
  'exactOptionalPropertyTypes',
  'experimentalDecorators',
  'isolatedModules',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'moduleSuffixes',
  'noFallthroughCasesInSwitch',
  'noImplicitAny',
  'noImplicitOverride',
  'noImplicitReturns',
  'noImplicitThis',
  'noLib',
  'noPropertyAccessFromIndexSignature',
  'noUncheckedIndexedAccess',
  'noUncheckedSideEffectImports',
  'noUnusedLocals',
  'noUnusedParameters',
  'preserveSymlinks',
  'reactNamespace',
  'resolveJsonModule',
  'resolvePackageJsonExports',
  'resolvePackageJsonImports',
  'rootDirs',
  'strict',
  'strictBindCallApply',
  'strictBuiltinIteratorReturn',
  'strictFunctionTypes',
  'strictNullChecks',
  'strictPropertyInitialization',
  'typeRoots',
  'types',
  'useDefineForClassFields',
  'useUnknownInCatchVariables',
  'verbatimModuleSyntax',
]

/**
 * Compatible options as they stand in a tsconfig. `legacyDefaults` restores what compilers before 6 assumed: not
 * strict, all
 * `@types`. `packagePaths` map workspace packages to their sources, so that nothing has to be built first.
 */
export const toCompatibleOptions = (
  options: ParsedOptions,
  {
    legacyDefaults,
    packagePaths,
  }: { readonly legacyDefaults: boolean; readonly packagePaths: Readonly<Record<string, readonly string[]>> },
): Record<string, unknown> => {
  const compatible: Record<string, unknown> = legacyDefaults ? { strict: false, types: ['*'] } : {}
  for (const name of kept) if (options[name] !== undefined) compatible[name] = options[name]
  const module = modules[Number(options['module'])]
  const resolution = resolutions[Number(options['moduleResolution'])] ?? impliedResolution(module)
  Object.assign(compatible, {
    target:
      targets[Number(options['target'])] ?? (options['target'] === undefined && !legacyDefaults ? undefined : 'es2015'),
    module:
      resolution === 'bundler' && (module === undefined || module === 'commonjs') ? 'preserve' : (module ?? 'nodenext'),
    moduleResolution: resolution,
    moduleDetection: detections[Number(options['moduleDetection'])],
    jsx: jsx[Number(options['jsx'])],
    lib: toLibNames(options['lib']),
    paths: toAbsolutePaths(options, packagePaths),
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  })
  return compatible
}

/** A module setting that needs its own resolution keeps it; every older one is read as a bundler would. */
const impliedResolution = (module: string | undefined): string =>
  module === 'nodenext' || module === 'node20'
    ? 'nodenext'
    : module === 'node16' || module === 'node18'
      ? 'node16'
      : 'bundler'

/** `lib.es2022.d.ts` to `es2022`. */
const toLibNames = (lib: unknown): string[] | undefined =>
  Array.isArray(lib) ? lib.map((name) => String(name).replace(/^.*lib\.|\.d\.ts$/g, '')) : undefined

/**
 * `baseUrl` is gone from TypeScript 7: its two meanings become absolute `paths`. The user's paths win over workspace
 * packages.
 */
const toAbsolutePaths = (
  options: ParsedOptions,
  packagePaths: Readonly<Record<string, readonly string[]>>,
): Record<string, string[]> => {
  const config = typeof options['configFilePath'] === 'string' ? dirname(options['configFilePath']) : '.'
  const baseUrl = typeof options['baseUrl'] === 'string' ? options['baseUrl'] : undefined
  const base = baseUrl ?? (typeof options['pathsBasePath'] === 'string' ? options['pathsBasePath'] : config)
  const absolute = new Map<string, string[]>(Object.entries(packagePaths).map(([name, places]) => [name, [...places]]))
  for (const [pattern, places] of Object.entries((options['paths'] ?? {}) as Record<string, string[]>)) {
    absolute.set(
      pattern,
      places.map((place) => (isAbsolute(place) ? place : join(base, place))),
    )
  }
  if (baseUrl !== undefined && !absolute.has('*')) absolute.set('*', [join(baseUrl, '*')])
  return Object.fromEntries(absolute)
}
