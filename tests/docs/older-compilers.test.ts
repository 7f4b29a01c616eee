// What consumers of older compilers see: the documentation and the examples. The newest is in the other tests.
import { describeBlocks, olderVersions } from './compiled-blocks.ts'
import { testExamples } from './compiled-examples.ts'

for (const version of olderVersions) {
  describeBlocks(version)
  testExamples(version)
}
