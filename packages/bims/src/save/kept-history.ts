import {
  macroOf,
  ManifestImagesCodec,
  stepsOf,
  unspill,
  type Manifest,
  type ManifestImage,
  type ReadBundle
} from '@bims/core'
import { isRight } from 'fp-ts/lib/Either.js'
import type { SaveParts } from './build-bundle.ts'
import { heldFor } from './held-for.ts'
import type { SavedMacro } from './saved-macro.ts'

/** How an image was made, as it was told when it was saved before. */
export interface KeptHistory {
  readonly parts: Pick<SaveParts, 'sources' | 'software' | 'macro' | 'replayOf'>
  /** The macro as the result of saving tells it. */
  readonly macro?: SavedMacro
  readonly warnings: readonly string[]
}

/** Nothing tells how an image was made. */
export const untold: KeptHistory = { parts: { sources: [], software: [] }, warnings: [] }

/** Whether a manifest tells of an image that was made from others. */
export const isMade = ({ macro, replayOf, sources }: Manifest): boolean =>
  macro !== undefined || replayOf !== undefined || sources.length > 0

/** Whether what a bundle tells of the making of its image is about the pixels that stand there now. */
const isAboutThese = (read: ReadBundle, images: readonly ManifestImage[]): boolean => {
  const now = new Set(images.map(({ digest }) => digest))
  const outputs = macroOf(read)?.record.outputs.flatMap(({ digest }) => digest ?? []) ?? []
  if (outputs.length > 0) return outputs.some(digest => now.has(digest))
  const before = unspill(read.bundle.manifest.images, ManifestImagesCodec, read.bundle.attachments)
  return isRight(before) && before.right.every(({ digest }) => now.has(digest))
}

const macroIn = (read: ReadBundle): Pick<KeptHistory, 'macro'> & { readonly sealed?: SaveParts['macro'] } => {
  const macro = macroOf(read)
  if (macro === undefined || macro.id !== read.bundle.manifest.macro) return {}
  const steps = stepsOf(read)
  return {
    sealed: { macro, ...heldFor(read.bundle, [macro]) },
    macro: {
      id: macro.id,
      kept: isRight(steps) ? steps.right.length : 0,
      steps: macro.record.head.size,
      proof: macro.record.redaction.proof.kind
    }
  }
}

/**
 * What the bundle of an image tells of how it was made, for saving it again without its log: the macro, what it was made from, and which
 * replay it came from stay while the pixels are the same. Where they were changed meanwhile all of it would be a lie: it is left out, and
 * that is told.
 */
export const keptHistory = (read: ReadBundle, images: readonly ManifestImage[]): KeptHistory => {
  const { manifest } = read.bundle
  const { replayOf, software, sources } = manifest
  if (!isMade(manifest)) return untold
  if (!isAboutThese(read, images))
    return {
      ...untold,
      warnings: [
        'the pixels are not those that were saved before: the macro and the sources of those were left out; give the log of these with --log'
      ]
    }
  const { macro, sealed } = macroIn(read)
  return {
    parts: {
      sources,
      // Whoever saves now is added by itself.
      software: software.filter(({ name }) => name !== 'bims'),
      ...(sealed === undefined ? {} : { macro: sealed }),
      ...(replayOf === undefined ? {} : { replayOf })
    },
    ...(macro === undefined ? {} : { macro }),
    warnings: []
  }
}
