import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectEnvironment } from '../workspace/execute.ts'
import { root } from '../workspace/packages.ts'

/** `pnpm test [ARGUMENTS OF VITEST…]`: all tests, and as the last line how many passed, failed and were skipped. */
export const test = (args: readonly string[]): number => {
  rmSync(`${root}.cache/summary/test`, { force: true })
  const reporters = ['--reporter=default', '--reporter=./tools/test/summary-reporter.ts']
  // Hundreds of programs, ledgers and threads of chaincode are started from the same sources: what Node makes of a source
  // once is kept for all of them. In a folder of this run: programs in folders that tests make are among them, and what
  // is kept of those nobody would ever remove.
  const compiled = mkdtempSync(join(tmpdir(), 'bims-compiled-'))
  try {
    const { status } = spawnSync('vitest', ['run', ...reporters, ...args], {
      cwd: root,
      env: projectEnvironment({ NODE_COMPILE_CACHE: compiled }),
      stdio: 'inherit'
    })
    return status ?? 1
  } finally {
    rmSync(compiled, { recursive: true, force: true })
  }
}
