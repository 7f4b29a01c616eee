// Type tests: the plugin fits into a configuration of ESLint as it is, and nothing of it can be changed.
import { expectAssignable, expectType } from 'tsd'
import plugin, { configs, meta, rules } from 'eslint-plugin-user-execution-context'
import type { IsAny } from '../../../type-tests/exactness.ts'

/** What eslint.config.js exports, as far as a plugin fills it. */
type FlatConfig = {
  readonly name?: string
  readonly plugins?: Record<string, unknown>
  readonly rules?: Record<string, 'off' | 'warn' | 'error' | readonly ['off' | 'warn' | 'error', ...unknown[]]>
}

expectType<false>(false as IsAny<typeof plugin>)
expectAssignable<FlatConfig>(configs.recommended)
expectAssignable<readonly FlatConfig[]>([plugin.configs.recommended, { plugins: { own: plugin } }])
expectType<string>(meta.name)
expectType<'problem'>(rules['no-enter-with']!.meta.type)
// A rule that is looked up by its name may not be there.
// @ts-expect-error
void rules['no-such-rule'].meta
// @ts-expect-error
void configs.strict
// @ts-expect-error
void plugin.configs.recommended.rules['no-enter-with']!.severity
// @ts-expect-error
rules['no-enter-with'] = rules['no-loose-method']!
// @ts-expect-error
configs.recommended.name = 'own'
// @ts-expect-error
plugin.meta.name = 'own'
