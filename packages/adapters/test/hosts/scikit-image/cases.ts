import { filterCalls } from './filter-cases.ts'
import { morphologyCalls } from './morphology-cases.ts'
import { exposureCalls } from './exposure-cases.ts'
import { numpyCalls } from './numpy-cases.ts'
import type { Call } from './reference-process.ts'

/** All calls that are compared with the library. */
export const calls: readonly Call[] = [...filterCalls, ...morphologyCalls, ...exposureCalls, ...numpyCalls]
