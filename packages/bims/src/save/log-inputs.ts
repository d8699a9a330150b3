import {
  ManifestImagesCodec,
  parseBundle,
  unspill,
  type MacroContent,
  type MacroInput,
  type ManifestImage,
  type ReadBundle,
  type Source
} from '@bims/core'
import type { NamedArray } from '@bims/player'
import { isRight } from 'fp-ts/lib/Either.js'
import { dirname, resolve } from 'node:path'
import { acquisitionsOf, carriedFrom, type ImageHistory } from '../acquire/image-history.ts'
import { findBundle, manifestImages, withImage, type OpenImage, type Watch } from '../files/open-image.ts'
import { firstData, readAsImread } from '../files/read-pixels.ts'
import { inputFileFrom } from '../log/input-file.ts'
import type { Capabilities } from '../production.ts'

/** An input of a log, as far as its file could be read. */
export interface LogInput {
  readonly input: MacroInput
  readonly pixels?: NamedArray
  readonly source?: Source
  readonly history: ImageHistory
  readonly warning?: string
}

const nothing: ImageHistory = { acquired: [], carried: [] }

const preconditionsOf = (opened: OpenImage, index: number, history: ImageHistory): MacroInput['preconditions'] => {
  const image = opened.image.images[index]
  const acquisition = history.acquired[0]?.acquisition.record ?? history.carried[0]?.acquisitionRecord
  const pixelSize = acquisition?.image.pixelSize
  return {
    ...(image === undefined ? {} : { axes: image.axes, shape: image.shape, dtype: image.dtype }),
    ...(pixelSize === undefined ? {} : { pixelSize }),
    ...(acquisition === undefined || acquisition.channels.length === 0
      ? {}
      : { channels: acquisition.channels.map(({ modality, name }, i) => name ?? `${modality} ${i}`) })
  }
}

/** How inputs are read. */
export interface ReadingInputs {
  readonly capabilities: Capabilities
  /** What is recorded of them now is to stay restricted. */
  readonly restricted: boolean
  readonly watch: Watch
}

const read = async (
  input: MacroInput,
  path: string,
  { capabilities, restricted, watch }: ReadingInputs
): Promise<LogInput> =>
  withImage(path, async opened => {
    const index = firstData(opened)
    const images = await manifestImages(opened, watch)
    const image = images[index]
    const bundle = await findBundle(opened)
    const parsed = bundle === undefined ? undefined : parseBundle(bundle.bytes)
    const before = parsed !== undefined && isRight(parsed) ? parsed.right : undefined
    const history: ImageHistory =
      before === undefined
        ? { acquired: await acquisitionsOf(opened, capabilities, { elsewhere: true, restricted }), carried: [] }
        : { acquired: [], carried: await carriedFrom(opened, before) }
    return {
      input: {
        ...input,
        ...(image === undefined ? {} : { digest: image.digest, content: image.content }),
        preconditions: preconditionsOf(opened, index, history) ?? {}
      },
      pixels: await readAsImread(opened, watch),
      history,
      ...(image === undefined ? {} : { source: sourceOf(input.name, image, before) })
    }
  })

/** Whether the bundle of an input is about the pixels that stand there: one that was carried onto others says nothing. */
const isSame = ({ bundle }: ReadBundle, digest: string): boolean => {
  const images = unspill(bundle.manifest.images, ManifestImagesCodec, bundle.attachments)
  return isRight(images) && images.right.some(image => image.digest === digest)
}

const sourceOf = (name: string, { content, digest }: ManifestImage, before: ReadBundle | undefined): Source => ({
  name,
  content,
  ...(before !== undefined && isSame(before, digest) ? { manifest: before.manifest.id } : {})
})

/**
 * Reads the inputs that a log opens, relative to the log. One that is not there leaves the macro without its digest
 * and pixels, with a warning: the log is still worth keeping.
 */
export const readLogInputs = async (
  log: MacroContent,
  logFile: string,
  reading: ReadingInputs
): Promise<readonly LogInput[]> => {
  const inputs: LogInput[] = []
  for (const input of log.inputs) {
    if (typeof input.file !== 'string') {
      inputs.push({ input, history: nothing, warning: `the log does not tell the file of its input ${input.name}` })
      continue
    }
    const path = resolve(dirname(logFile), input.file)
    try {
      inputs.push(await read(input, path, reading))
    } catch (error) {
      const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unexpected'
      if (code === 'interrupted') throw error
      inputs.push({
        input,
        history: nothing,
        warning: `the input ${input.name} (${input.file}) could not be read: ${code}`
      })
    }
  }
  return inputs
}

/** Files of a log's inputs as an image that is saved in a folder names them, by input name. */
export const inputFilesFrom = async (
  folder: string,
  logFile: string,
  log: MacroContent
): Promise<ReadonlyMap<string, string>> => {
  const files = new Map<string, string>()
  for (const { file, name } of log.inputs)
    if (typeof file === 'string') files.set(name, await inputFileFrom(folder, logFile, file))
  return files
}
