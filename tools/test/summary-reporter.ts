import type { Reporter, TestModule, TestRunEndReason, SerializedError } from 'vitest/node'
import { summaryLine, writeSummary } from '../workspace/summary.ts'

/**
 * Prints the last line of `pnpm test`. A file that does not load and an error that belongs to no test count as failed;
 * so does a run in which there was nothing to run.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[], reason: TestRunEndReason): void {
    const tests = modules.flatMap(module => [...module.children.allTests()].map(test => test.result().state))
    const broken = modules.filter(module => module.errors().length > 0).length
    const count = (...states: readonly string[]): number => tests.filter(state => states.includes(state)).length
    const failed = count('failed') + broken + errors.length
    const summary = {
      passed: count('passed'),
      failed: failed === 0 && (reason !== 'passed' || tests.length === 0) ? 1 : failed,
      skipped: count('skipped', 'pending')
    }
    writeSummary('test', summary)
    console.log(summaryLine(summary))
  }
}
