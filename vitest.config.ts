import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/**
 * Files that share a worker, in which each module is loaded once and not once a file: half of what such files cost. What
 * a file changes of its process it puts back.
 */
const sharing = (name: string, packages: string): TestProjectInlineConfiguration => ({
  extends: true,
  test: { name, include: [`packages/${packages}/test/**/*.test.ts`], isolate: false }
})

export default defineConfig({
  test: {
    // Many tests wait for programs that they started; on two cores one worker leaves a core idle half of the time.
    maxWorkers: 2,
    // No test fails on a time: a slow machine only takes longer, and what hangs ends at last.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // In the order of their names: the many short files come last and keep both workers busy to the end.
    projects: [
      {
        extends: true,
        test: {
          // Ledgers, clocks and environments of their own: a process for each file.
          name: 'network',
          include: ['network/test/**/*.test.ts', 'examples/test/**/*.test.ts', 'docs/spec/test/**/*.test.ts']
        }
      },
      sharing('packages', '{adapters,bims,core,ledger,player}'),
      // Apart: the shim brings its own generation of the protobuf classes, and two of them break each other in a process.
      sharing('packages-chaincode', 'chaincode')
    ]
  }
})
