import { mkdirSync, writeFileSync } from 'node:fs'
import { root } from './packages.ts'

/** How many held, did not, and could not be asked. */
export interface Summary {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The last line of `pnpm test` and `pnpm check`. */
export const summaryLine = ({ passed, failed, skipped }: Summary): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

/** Keeps a summary where .ci/run reads it. */
export const writeSummary = (name: 'test' | 'check', summary: Summary): void => {
  mkdirSync(`${root}.cache/summary`, { recursive: true })
  writeFileSync(`${root}.cache/summary/${name}`, summaryLine(summary) + '\n')
}
