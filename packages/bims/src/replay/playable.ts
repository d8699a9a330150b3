import { isRight } from 'fp-ts/lib/Either.js'
import {
  decodeWith,
  isBimsError,
  ManifestImagesCodec,
  macroOf,
  newError,
  StepsCodec,
  stepsOf,
  unspill,
  type ReadBundle
} from '@bims/core'
import type { NamedArray, PlayableMacro } from '@bims/player'
import { readAsImread, readPixels } from '../files/read-pixels.ts'
import { withImage, type OpenImage, type Watch } from '../files/open-image.ts'
import { inputFilesOf } from '../log/input-file.ts'
import { value } from '../promise.ts'
import { openedRecord } from '../verify/opened-record.ts'

/** The macro of a file with its attachments read and its withheld values opened. Rejects with `no-macro`. */
export const playableMacro = (read: ReadBundle): PlayableMacro => {
  const steps = value(stepsOf(read))
  const macro = macroOf(read)
  if (macro === undefined)
    throw newError('no-macro', 'The file carries no macro.', 'Only files that were saved with a log can be replayed.')
  const opened = openedRecord({ steps, inputs: macro.record.inputs }, read.bundle.openings)
  return {
    inputs: opened.inputs,
    outputs: macro.record.outputs,
    steps: value(decodeWith(StepsCodec, 'a list of steps')(opened.steps))
  }
}

/** Pixels of the macro's outputs as they stand in the file that carries it, by name. */
export const recordedOutputs = async (
  opened: OpenImage,
  read: ReadBundle,
  watch: Watch
): Promise<ReadonlyMap<string, NamedArray>> => {
  const images = unspill(read.bundle.manifest.images, ManifestImagesCodec, read.bundle.attachments)
  const pixels = new Map<string, NamedArray>()
  for (const output of macroOf(read)?.record.outputs ?? []) {
    const recorded = isRight(images) ? images.right.find(image => image.digest === output.digest) : undefined
    const index = opened.image.images.findIndex(image => image.name === recorded?.name)
    // A lossily coded image has no one decoding to compare with.
    if (index >= 0 && recorded?.digest.startsWith('bims-pixels-1:') === true)
      pixels.set(output.name, await readPixels(opened, index, watch))
  }
  return pixels
}

/** An input of a replay: which file it came from. */
export interface GivenInput {
  readonly name: string
  readonly file: string
  readonly pixels: NamedArray
}

/**
 * Reads the inputs of a macro: those named by the reader, else the files that the macro names, as seen from the image, or beside it.
 * Rejects with `input-missing` for all that are not there, `usage` for names that the macro does not have.
 */
export const readInputs = async (
  macro: PlayableMacro,
  given: Readonly<Record<string, string>>,
  besides: string,
  watch: Watch
): Promise<readonly GivenInput[]> => {
  const strange = Object.keys(given).filter(name => !macro.inputs.some(input => input.name === name))
  if (strange.length > 0) {
    throw newError(
      'usage',
      `The macro has no input ${strange.join(', ')}.`,
      `Its inputs are ${macro.inputs.map(input => input.name).join(', ') || 'none'}.`
    )
  }
  const read: GivenInput[] = []
  const missing: { at: string; what: string }[] = []
  for (const input of macro.inputs) {
    const file = given[input.name]
    const places = typeof input.file === 'string' ? await inputFilesOf(besides, input.file) : []
    const found =
      file === undefined ? await readFirst(input.name, places, watch) : await readInput(input.name, file, watch)
    if (found !== undefined) read.push(found)
    else
      missing.push({
        at: input.name,
        what: places.length === 0 ? 'the log does not tell its file' : `${places.join(' or ')} is not there`
      })
  }
  if (missing.length > 0) {
    throw newError(
      'input-missing',
      `The macro needs ${missing.map(({ at, what }) => `${at} (${what})`).join(', ')}.`,
      'Name the files with --input NAME=FILE.',
      { issues: missing }
    )
  }
  return read
}

const readInput = (name: string, file: string, watch: Watch): Promise<GivenInput> =>
  withImage(file, async opened => ({ name, file, pixels: await readAsImread(opened, watch) }))

/** The first of several files that is there. */
const readFirst = async (name: string, files: readonly string[], watch: Watch): Promise<GivenInput | undefined> => {
  for (const file of files) {
    try {
      return await readInput(name, file, watch)
    } catch (error) {
      if (!isBimsError(error) || error.code !== 'file-missing') throw error
    }
  }
  return undefined
}
