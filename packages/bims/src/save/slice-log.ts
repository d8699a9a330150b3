import { isSpilled, sliceMacro, type DropReason, type Macro, type Step } from '@bims/core'
import { readLogFile } from '../log/read-log.ts'
import { production, type Capabilities } from '../production.ts'
import { value } from '../promise.ts'
import { sealMacro, staticRules } from './macro-record.ts'

/** A log, sliced. */
export interface SlicedLog {
  /** The macro as it would be saved, without digests of images. */
  readonly macro: Macro
  /** The image of interest, versioned. */
  readonly value: string
  readonly kept: readonly Step[]
  readonly dropped: readonly { readonly step: number; readonly reason: DropReason; readonly operation: string }[]
}

/** Slices a log file for one of its images. Rejects with `output-unknown`, `log-not-python`, `log-grammar`. */
export const sliceLog = async (
  file: string,
  output: string,
  capabilities: Capabilities = production
): Promise<SlicedLog> => {
  const { log, session } = await readLogFile(file, capabilities)
  const slice = value(sliceMacro(log, output))
  const { macro } = sealMacro({ log, output, session, proof: { kind: 'static', rules: staticRules } }, capabilities)
  return {
    macro: isSpilled(macro.record.steps) ? { ...macro.record, steps: slice.kept } : macro.record,
    value: slice.value,
    kept: slice.kept,
    dropped: slice.dropped.map(({ reason, step }) => ({
      step,
      reason,
      operation: log.steps[step]?.operation.name ?? ''
    }))
  }
}
