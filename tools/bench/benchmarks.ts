import { auditSpeed } from './audit.ts'
import type { Benchmark } from './benchmark.ts'
import { cliColdStart } from './cli-cold-start.ts'
import { embedLargeFile } from './embed-large-file.ts'
import { ledgerLookup } from './ledger-lookup.ts'
import { ledgerStart } from './ledger-start.ts'
import { fabricThroughput, ledgerThroughput } from './ledger-throughput.ts'
import { pixelDigest } from './pixel-digest.ts'
import { submitRecords } from './submit-records.ts'

/** All benchmarks, in the order in which they are run. */
export const benchmarks: readonly Benchmark[] = [
  cliColdStart,
  pixelDigest,
  embedLargeFile,
  submitRecords,
  ledgerStart,
  ledgerThroughput,
  fabricThroughput,
  ledgerLookup,
  auditSpeed
]
