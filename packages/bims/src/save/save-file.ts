import type { ManifestImage, RedactionProof } from '@bims/core'
import { basename, dirname } from 'node:path'
import { acquisitionsOf, carriedBy, type ImageHistory } from '../acquire/image-history.ts'
import {
  findBundle,
  manifestImages,
  readFileBundle,
  withImage,
  type OpenImage,
  type Watch
} from '../files/open-image.ts'
import { identityOf, type IdentityOptions, type Identity } from '../identity/identity.ts'
import { readLogFile } from '../log/read-log.ts'
import { production, type Capabilities } from '../production.ts'
import { prepareOutbox, queueRecords } from '../submit/queue.ts'
import { buildBundle } from './build-bundle.ts'
import { logParts, savedImage, type LogParts } from './log-parts.ts'
import { writeBundle, type Target } from './write-file.ts'

/** How an image is saved. */
export interface SaveOptions extends Watch, IdentityOptions {
  readonly target: Target
  /** Log of the session that made the image. */
  readonly log?: string
  /** Name of the image in the log; default the name of the file without its endings. */
  readonly output?: string
  /** File whose acquisition belongs to the image; default: the inputs of the log or, without one, the image itself. */
  readonly acquisition?: string
  /** Outbox for what is to be submitted. */
  readonly outbox?: string
  readonly capabilities?: Capabilities
}

/** What became of saving. */
export interface SaveResult {
  readonly file: string
  readonly sidecar?: string
  /** Why a sidecar had to be used. */
  readonly why?: string
  /** Id of the manifest. */
  readonly manifest: string
  readonly images: readonly ManifestImage[]
  /** Ids of the records that wait in the outbox. */
  readonly queued: readonly string[]
  readonly macro?: {
    readonly id: string
    readonly kept: number
    readonly steps: number
    readonly proof: RedactionProof['kind']
  }
  /** Subject of the certificate that signed; absent where nobody did. */
  readonly signedBy?: string
  readonly warnings: readonly string[]
}

const outputName = (image: string, options: SaveOptions): string =>
  options.output ?? (basename(image).split('.')[0] || 'output')

const ownHistory = async (opened: OpenImage, capabilities: Capabilities): Promise<ImageHistory> => {
  if ((await findBundle(opened)) === undefined)
    return { acquired: await acquisitionsOf(opened, capabilities), carried: [] }
  // An acquisition that was recorded keeps its id: reading the metadata again would make a second one of it.
  const carried = carriedBy((await readFileBundle(opened)).read)
  return { acquired: carried.length > 0 ? [] : await acquisitionsOf(opened, capabilities), carried }
}

const historyOf = async (
  opened: OpenImage,
  options: SaveOptions,
  log: LogParts | undefined,
  capabilities: Capabilities
): Promise<ImageHistory> => {
  const { acquisition } = options
  if (acquisition !== undefined) {
    return withImage(acquisition, async other => {
      if ((await findBundle(other)) === undefined)
        return { acquired: await acquisitionsOf(other, capabilities, { elsewhere: true }), carried: [] }
      return { acquired: [], carried: carriedBy((await readFileBundle(other)).read) }
    })
  }
  return log === undefined ? ownHistory(opened, capabilities) : log.history
}

const readLogParts = async (
  opened: OpenImage,
  images: readonly ManifestImage[],
  options: SaveOptions,
  capabilities: Capabilities
): Promise<LogParts | undefined> =>
  options.log === undefined
    ? undefined
    : logParts({
        ...(await readLogFile(options.log, capabilities)),
        logFile: options.log,
        folder: dirname('to' in options.target ? options.target.to : opened.path),
        output: outputName(opened.path, options),
        image: savedImage(opened, images),
        capabilities,
        watch: options
      })

/** What is told of the macro that was saved. */
const savedMacro = ({ macro: { macro, slice } }: LogParts): NonNullable<SaveResult['macro']> => ({
  id: macro.id,
  kept: slice.kept.length,
  steps: macro.record.head.size,
  proof: macro.record.redaction.proof.kind
})

const saveOpened = async (
  opened: OpenImage,
  options: SaveOptions,
  identity: Identity | undefined,
  capabilities: Capabilities
): Promise<SaveResult> => {
  const images = await manifestImages(opened, options)
  const log = await readLogParts(opened, images, options, capabilities)
  const history = await historyOf(opened, options, log, capabilities)
  const built = await buildBundle(
    {
      images,
      notCovered: opened.image.notCovered,
      ...history,
      sources: log?.sources ?? [],
      software: log?.software ?? [],
      ...(log === undefined ? {} : { macro: log.macro })
    },
    identity,
    capabilities
  )
  await prepareOutbox(identity, options.outbox)
  const written = await writeBundle(opened, options.target, built.bundle, options)
  const queued = await queueRecords(built.records, identity, options)
  return {
    ...written,
    manifest: built.manifest.id,
    images,
    queued: queued.ids,
    ...(log === undefined ? {} : { macro: savedMacro(log) }),
    ...(identity === undefined ? {} : { signedBy: identity.subject }),
    warnings: [...(log?.warnings ?? []), ...queued.warnings]
  }
}

/**
 * Saves an image with its history: slices its log, signs, embeds, and queues the records for the ledger.
 * Rejects with `file-exists`, `file-missing`, `file-permission`, `disk-full`, `log-not-python`, `log-grammar`,
 * `output-unknown`, `identity-malformed`.
 */
export const saveFile = async (image: string, options: SaveOptions): Promise<SaveResult> => {
  const identity = await identityOf(options)
  return withImage(image, opened => saveOpened(opened, options, identity, options.capabilities ?? production))
}
