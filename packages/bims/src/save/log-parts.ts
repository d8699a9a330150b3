import {
  newError,
  sliceMacro,
  type BundledAttachment,
  type MacroContent,
  type ManifestImage,
  type Step
} from '@bims/core'
import type { ImageHistory } from '../acquire/image-history.ts'
import type { OpenImage, Watch } from '../files/open-image.ts'
import { firstData } from '../files/read-pixels.ts'
import type { Capabilities } from '../production.ts'
import { value } from '../promise.ts'
import type { SaveParts } from './build-bundle.ts'
import { inputFilesFrom, readLogInputs } from './log-inputs.ts'
import { sealMacro, staticRules, type SealedMacro } from './macro-record.ts'
import { proveRedaction } from './redaction-proof.ts'

/** What a log adds to a saved file. */
export interface LogParts {
  readonly macro: SealedMacro
  readonly history: ImageHistory
  readonly sources: SaveParts['sources']
  readonly software: SaveParts['software']
  readonly warnings: readonly string[]
}

/** What {@link logParts} makes them of. */
export interface LogFacts {
  readonly log: MacroContent
  readonly session: string
  /** File that the log's paths are relative to. */
  readonly logFile: string
  /** Folder that the image is saved in. */
  readonly folder: string
  /** Name of the image of interest in the log. */
  readonly output: string
  /** The image of interest as it stands in the file. */
  readonly image: ManifestImage
  /** The macro is to stay restricted, and what is recorded of its inputs now. */
  readonly restricted: boolean
  /** What the bundle is to hold of the attachments of steps. */
  readonly attachmentsOf?: (steps: readonly Step[]) => readonly BundledAttachment[]
  readonly capabilities: Capabilities
  readonly watch: Watch
}

/** The image of a file that a log is about: its first that is data. */
export const savedImage = (opened: OpenImage, images: readonly ManifestImage[]): ManifestImage => {
  const image = images[firstData(opened)]
  if (image === undefined)
    throw newError('tiff-unsupported', `${opened.path} holds no image data.`, 'Name another file.')
  return image
}

/**
 * Slices a log for the image of interest, reads its inputs, replays what can be replayed, and seals the macro.
 * Rejects with `output-unknown`, `macro-invalid`, `interrupted`.
 */
export const logParts = async ({
  attachmentsOf,
  capabilities,
  folder,
  image,
  log,
  logFile,
  output,
  restricted,
  session,
  watch
}: LogFacts): Promise<LogParts> => {
  const slice = value(sliceMacro(log, output))
  const inputs = await readLogInputs(log, logFile, { capabilities, restricted, watch })
  const completed: MacroContent = { ...log, inputs: inputs.map(({ input }) => input) }
  watch.onProgress?.('replaying the kept steps and the full log')
  const proof = await proveRedaction({
    log: completed,
    slice,
    output,
    digest: image.digest,
    inputs: new Map(
      inputs.flatMap(({ input, pixels }) => (pixels === undefined ? [] : [[input.name, pixels] as const]))
    ),
    ...(watch.signal === undefined ? {} : { signal: watch.signal })
  })
  const used = inputs.filter(({ input }) => slice.inputs.includes(input.name))
  const files = await inputFilesFrom(folder, logFile, log)
  const macro = sealMacro({ log: completed, output, image, session, files, proof, restricted }, capabilities)
  return {
    macro: { ...macro, attachments: [...macro.attachments, ...(attachmentsOf?.(macro.slice.kept) ?? [])] },
    history: {
      acquired: used.flatMap(({ history }) => history.acquired),
      carried: used.flatMap(({ history }) => history.carried)
    },
    sources: used.flatMap(({ source }) => source ?? []),
    software: [log.host],
    warnings: [
      ...inputs.flatMap(({ warning }) => warning ?? []),
      ...(proof.kind === 'static'
        ? [
            `the redaction is not proven by a replay, only by the rules ${staticRules}: the kept steps or the full log could not be replayed to the pixels of the file`
          ]
        : [])
    ]
  }
}
