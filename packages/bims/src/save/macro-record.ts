import {
  redactSteps,
  sealRecord,
  sliceMacro,
  spillRecord,
  toBase64,
  type BundledAttachment,
  type ImageDigests,
  type Macro,
  type MacroContent,
  type MacroInput,
  type Opening,
  type RedactionProof,
  type SealedRecord,
  type Slice
} from '@bims/core'
import type { Capabilities } from '../production.ts'
import { value } from '../promise.ts'
import { withholdLog } from './withheld-steps.ts'

/** A macro record with what belongs to it in a bundle. */
export interface SealedMacro {
  readonly macro: SealedRecord<'macro'>
  readonly slice: Slice
  readonly attachments: readonly BundledAttachment[]
  readonly openings: readonly Opening[]
}

/** What a macro record is made of besides the log. */
export interface MacroParts {
  /** The full log, its inputs completed with digests and preconditions. */
  readonly log: MacroContent
  /** Name of the image of interest in the log. */
  readonly output: string
  /** Digests of the image of interest as it stands in the file. */
  readonly image?: ImageDigests
  readonly session: string
  /** Files of inputs as seen from the image that is saved, by input name. */
  readonly files?: ReadonlyMap<string, string>
  readonly proof: RedactionProof
  /** The macro is to stay restricted. */
  readonly restricted?: boolean
}

/** Words under which a slice is called safe without a replay. */
export const staticRules = 'bims.slice/1'

const keptInputs = (inputs: readonly MacroInput[], slice: Slice): readonly MacroInput[] =>
  inputs.filter(input => slice.inputs.includes(input.name))

/** Slices a log for its image of interest, redacts the rest and seals the macro. Throws as core's functions fail. */
export const sealMacro = (
  { files, image, log, output, proof, restricted, session }: MacroParts,
  { random }: Capabilities
): SealedMacro => {
  const newSalt = (): Uint8Array => random(16)
  const withheld = withholdLog(log, output, newSalt, files)
  const slice = value(sliceMacro(withheld.log, output))
  const committed = redactSteps(
    withheld.log.steps,
    withheld.log.steps.map(newSalt),
    new Set(slice.kept.map(step => step.index))
  )
  const macro: Macro = {
    schema: 'bims.macro/1',
    host: log.host,
    language: log.language,
    environment: log.environment,
    inputs: keptInputs(withheld.log.inputs, slice),
    outputs: [
      {
        name: output,
        value: slice.value,
        ...(image === undefined ? {} : { digest: image.digest, content: image.content })
      }
    ],
    steps: slice.kept,
    head: { session, size: committed.size, root: committed.root },
    redaction: { tree: committed.tree, proof },
    ...(restricted === true ? { salt: toBase64(newSalt()) } : {})
  }
  const spilled = spillRecord('macro', macro, newSalt)
  return {
    macro: value(sealRecord('macro', spilled.record)),
    slice,
    attachments: spilled.attachments,
    openings: openingsIn(withheld.openings, macro)
  }
}

/** Openings of what the macro still holds; those of removed steps stay out of the file. */
const openingsIn = (openings: readonly Opening[], macro: Macro): readonly Opening[] => {
  const told = JSON.stringify([macro.inputs, macro.steps])
  return openings.filter(opening => told.includes(opening.withheld))
}
