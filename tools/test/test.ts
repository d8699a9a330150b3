import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { projectEnvironment } from '../workspace/execute.ts'
import { root } from '../workspace/packages.ts'

/** `pnpm test [ARGUMENTS OF VITEST…]`: all tests, and as the last line how many passed, failed and were skipped. */
export const test = (args: readonly string[]): number => {
  rmSync(`${root}.cache/summary/test`, { force: true })
  const reporters = ['--reporter=default', '--reporter=./tools/test/summary-reporter.ts']
  const { status } = spawnSync('vitest', ['run', ...reporters, ...args], {
    cwd: root,
    env: projectEnvironment(),
    stdio: 'inherit'
  })
  return status ?? 1
}
