// Type tests: the package is a command and two schemas. No module of it can be imported, so that none becomes an API.
import { expectType } from 'tsd'
// @ts-expect-error
import type {} from '@user-execution-context/adopt'
// @ts-expect-error
import type {} from '@user-execution-context/adopt/dist/cli.js'
// @ts-expect-error
import type {} from '@user-execution-context/adopt/scan'
import config from '@user-execution-context/adopt/schema/config.schema.json' with { type: 'json' }
import report from '@user-execution-context/adopt/schema/report.schema.json' with { type: 'json' }

expectType<string>(config.$schema)
expectType<boolean>(config.additionalProperties)
expectType<string>(config.properties.types.type)
expectType<string>(report.description)
// @ts-expect-error
void config.properties.users
