import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError } from '../errors.ts'
import type { Macro, Step } from '../macro/macro.ts'
import { RedactionTreeCodec, StepsCodec } from '../macro/macro-codec.ts'
import { verifyRedaction } from '../macro/redaction.ts'
import type { ReadBundle } from './bundle.ts'
import { ManifestImagesCodec, type Manifest, type ManifestImage } from './manifest.ts'
import type { SealedRecord } from './record.ts'
import { unspill } from './spill.ts'
import { newCheck, type Check } from './verdict.ts'

/** The manifest of a read bundle. */
export const manifestOf = ({ bundle }: ReadBundle): Manifest => bundle.manifest

/**
 * The macro of a read bundle: the one that the manifest names or, so that a changed one is looked at too, the only
 * one that is there.
 */
export const macroOf = ({ bundle, records }: ReadBundle): SealedRecord<'macro'> | undefined => {
  const macros = records.filter((record): record is SealedRecord<'macro'> => record.kind === 'macro')
  return macros.find(macro => macro.id === bundle.manifest.macro) ?? (macros.length === 1 ? macros[0] : undefined)
}

const compareImage = (recorded: ManifestImage, found: ManifestImage | undefined): string | undefined => {
  if (found === undefined) return `image ${recorded.name} of the manifest is not in the file`
  if (recorded.digest === found.digest) {
    return recorded.content === found.content
      ? undefined
      : `the content key of image ${recorded.name} is not that of its pixels`
  }
  const form = (image: ManifestImage): string =>
    `${image.dtype} ${image.axes.map((axis, i) => `${axis}=${image.shape[i] ?? '?'}`).join(' ')}`
  return form(recorded) === form(found)
    ? `the pixels of image ${recorded.name} are not those that were saved (recorded ${recorded.digest}, found ${found.digest})`
    : `image ${recorded.name} was ${form(recorded)} when saved and is ${form(found)} now`
}

/** Compares the images that a manifest records with those found in the file. */
export const checkPixels = (read: ReadBundle, found: readonly ManifestImage[]): Check => {
  const images = unspill(read.bundle.manifest.images, ManifestImagesCodec, read.bundle.attachments)
  if (E.isLeft(images)) return newCheck('pixels', 'fail', images.left.what)
  const byName = new Map(found.map(image => [image.name, image]))
  const recorded = new Set(images.right.map(image => image.name))
  const problems = [
    ...images.right.flatMap(image => compareImage(image, byName.get(image.name)) ?? []),
    ...found
      .filter(image => !recorded.has(image.name))
      .map(image => `image ${image.name} of the file is not in the manifest`)
  ]
  return problems.length === 0
    ? newCheck(
        'pixels',
        'pass',
        `${images.right.length === 1 ? 'the image has' : `all ${images.right.length} images have`} the pixels that were saved`
      )
    : newCheck('pixels', 'fail', problems.join('; '))
}

const proofWords = (macro: Macro): string => {
  const { proof } = macro.redaction
  return proof.kind === 'replayed'
    ? `when saved, the kept steps and the full log were replayed (${proof.executor}) to the same pixels`
    : `that the removed steps did not matter is known from the rules ${proof.rules} only, not from a replay`
}

/** Checks that the kept steps stand unchanged in the log to which the macro commits, and that its digests agree. */
export const checkRedaction = (read: ReadBundle): Check => {
  const macro = macroOf(read)
  if (macro === undefined) {
    const { manifest, records } = read.bundle
    if (manifest.macro === undefined) return newCheck('redaction', 'not-checked', 'the file has no macro')
    return records.includes(manifest.macro)
      ? newCheck('redaction', 'not-checked', 'the bundle holds only the id of the macro')
      : newCheck('redaction', 'fail', 'the macro is not in the bundle')
  }
  const { attachments } = read.bundle
  const { head, outputs, redaction, steps } = macro.record
  const tree = unspill(redaction.tree, RedactionTreeCodec, attachments)
  if (E.isLeft(tree)) return newCheck('redaction', 'fail', tree.left.what)
  const kept = unspill(steps, StepsCodec, attachments)
  if (E.isLeft(kept)) return newCheck('redaction', 'fail', kept.left.what)
  const result = verifyRedaction(head, tree.right, kept.right)
  if (E.isLeft(result)) return newCheck('redaction', 'fail', result.left.what)
  const { proof } = redaction
  if (proof.kind === 'replayed' && !outputs.some(output => output.digest === proof.digest)) {
    return newCheck('redaction', 'fail', 'the digest of the replay is not that of an output')
  }
  return newCheck(
    'redaction',
    'pass',
    `${kept.right.length} of ${head.size} steps are kept and stand in the log with root ${head.root.slice(0, 16)}…; ${proofWords(macro.record)}`
  )
}

/** Steps of a macro, wherever they stand. Fails as {@link unspill}; with `no-macro` where there is none. */
export const stepsOf = (read: ReadBundle): E.Either<BimsError, readonly Step[]> => {
  const macro = macroOf(read)
  return macro === undefined
    ? E.left(
        newError('no-macro', 'The file carries no macro.', 'Only files that were saved with a log can be replayed.')
      )
    : unspill(macro.record.steps, StepsCodec, read.bundle.attachments)
}
