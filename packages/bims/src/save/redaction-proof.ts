import { parseValueName, type MacroContent, type RedactionProof, type Slice, type Step } from '@bims/core'
import { executorOf, Play, planReplay, type NamedArray, type PlayableMacro } from '@bims/player'
import { value } from '../promise.ts'
import { staticRules } from './macro-record.ts'

/** Plays a macro to its output's digest; undefined where a step of it could not be run. */
const playedDigest = async (
  macro: PlayableMacro,
  inputs: ReadonlyMap<string, NamedArray>,
  signal: AbortSignal | undefined
): Promise<string | undefined> => {
  const executor = value(executorOf('js'))
  const play = new Play(value(planReplay(macro)), { executor, inputs, ...(signal === undefined ? {} : { signal }) })
  try {
    for await (const step of play) {
      if (step.status !== 'ran' && step.status !== 'equal') return undefined
    }
    return (await play.outputs())[0]?.digest
  } finally {
    await play.close()
  }
}

/** What {@link proveRedaction} needs. */
export interface RedactionFacts {
  readonly log: MacroContent
  readonly slice: Slice
  readonly output: string
  /** Digest of the image of interest as it stands in the file. */
  readonly digest: string
  /** Pixels of the inputs that could be read, by name. */
  readonly inputs: ReadonlyMap<string, NamedArray>
  readonly signal?: AbortSignal
}

/** What a step may write without any pixel depending on it here: no executor reads these. */
const beside: ReadonlySet<string | undefined> = new Set([
  'display',
  'file',
  'active',
  'preference',
  'roi',
  'calibration'
])

/** Steps that show or store something need not run for the full log to be replayed; code that is not understood must. */
const makesPixels = ({ operation, writes }: Step): boolean =>
  operation.id === '' || writes.some(write => !beside.has(parseValueName(write.value)?.kind))

/**
 * How it is known that the removed steps did not matter: `replayed` where the kept steps and the full log were both
 * played to exactly the pixels of the file, else `static`.
 */
export const proveRedaction = async (facts: RedactionFacts): Promise<RedactionProof> => {
  const { digest, inputs, log, output, signal, slice } = facts
  const outputs = [{ name: output, value: slice.value, digest }]
  const unproven: RedactionProof = { kind: 'static', rules: staticRules }
  const kept = await playedDigest({ inputs: log.inputs, outputs, steps: slice.kept }, inputs, signal)
  if (kept !== digest) return unproven
  const steps = log.steps.filter(makesPixels)
  // Where nothing was removed that makes pixels, the full log is what has just been played.
  if (steps.length === slice.kept.length) return { kind: 'replayed', executor: 'js', digest }
  const full = await playedDigest({ inputs: log.inputs, outputs, steps }, inputs, signal)
  return full === digest ? { kind: 'replayed', executor: 'js', digest } : unproven
}
