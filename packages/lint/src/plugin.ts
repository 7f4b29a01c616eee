/**
 * The lint plugin: one object in ESLint's form, which oxlint runs too (`jsPlugins`).
 */
import { warnOfHostVersion } from './host-version.ts'
import { noComputedReason } from './no-computed-reason.ts'
import { noContextAssertion } from './no-context-assertion.ts'
import { noContextWrite } from './no-context-write.ts'
import { noEnterWith } from './no-enter-with.ts'
import { noLooseMethod } from './no-loose-method.ts'
import { noModuleContext } from './no-module-context.ts'
import { noVouchOutside } from './no-vouch-outside.ts'
import type { Rule } from './rule.ts'

const name = 'user-execution-context'

/** The rules by name. */
export const rules: Readonly<Record<string, Rule>> = {
  'no-context-assertion': noContextAssertion,
  'no-vouch-outside': noVouchOutside,
  'no-module-context': noModuleContext,
  'no-enter-with': noEnterWith,
  'no-computed-reason': noComputedReason,
  'no-context-write': noContextWrite,
  'no-loose-method': noLooseMethod,
}

type Plugin = {
  readonly meta: { readonly name: string }
  readonly rules: Readonly<Record<string, Rule>>
  /** `recommended`: every rule as an error, for ESLint's flat configuration. */
  readonly configs: Readonly<
    Record<
      'recommended',
      { readonly name: string; readonly plugins: Record<string, unknown>; readonly rules: Record<string, 'error'> }
    >
  >
}

const plugins: Record<string, unknown> = {}

/**
 * The plugin.
 *
 * @example ESLint (eslint.config.js, with a TypeScript parser)
 * ```js
 * import contextLint from 'eslint-plugin-user-execution-context'
 * export default [contextLint.configs.recommended]
 * ```
 * @example oxlint (.oxlintrc.json)
 * ```json
 * {
 *   "jsPlugins": ["eslint-plugin-user-execution-context"],
 *   "rules": { "user-execution-context/no-context-assertion": "error" }
 * }
 * ```
 */
export const plugin: Plugin = {
  meta: { name },
  rules,
  configs: {
    recommended: {
      name: `${name}/recommended`,
      plugins,
      rules: Object.fromEntries(Object.keys(rules).map((rule) => [`${name}/${rule}`, 'error' as const])),
    },
  },
}

warnOfHostVersion()

// ESLint wants the plugin inside its own configuration.
plugins[name] = plugin

/** The other parts of the plugin: what `require()` gives is a plugin, with its parts as properties. */
export const { meta, configs }: Plugin = plugin
