import type { ManifestImage, ReadBundle } from '@bims/core'
import { basename, dirname } from 'node:path'
import { acquisitionsOf, carriedBy, carriedFrom, type ImageHistory } from '../acquire/image-history.ts'
import { bytesIn, manifestImages, savedBundle, withImage, type OpenImage, type Watch } from '../files/open-image.ts'
import { identityOf, type IdentityOptions, type Identity } from '../identity/identity.ts'
import { readLogFile } from '../log/read-log.ts'
import { production, type Capabilities } from '../production.ts'
import { prepareOutbox, queueRecords } from '../submit/queue.ts'
import { buildBundle } from './build-bundle.ts'
import { isMade, keptHistory, untold, type KeptHistory } from './kept-history.ts'
import { logParts, savedImage, type LogParts } from './log-parts.ts'
import { anyRestricted, isRestrictedImage, worksOnRestricted } from './restriction.ts'
import { saveResult, toldMacro, type SaveResult } from './save-result.ts'
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
  /** The records stay in the private collection of the signer's organisation; where nothing is said, if what they are made from is restricted. */
  readonly restricted?: boolean
  /** Most bytes of the attachments of one record that go to the ledger: 8 MiB where it is not given, 0 for none. */
  readonly attachmentBytes?: number
  readonly capabilities?: Capabilities
}

const outputName = (image: string, options: SaveOptions): string =>
  options.output ?? (basename(image).split('.')[0] || 'output')

/** How a history is read: what is recorded now may be restricted. */
interface Recording {
  readonly capabilities: Capabilities
  readonly restricted: boolean
}

/** What tells how an image came about: its log or, without one, what it was saved with before. */
interface Told {
  readonly log: LogParts | undefined
  readonly before: ReadBundle | undefined
}

const ownHistory = async (
  opened: OpenImage,
  before: ReadBundle | undefined,
  { capabilities, restricted }: Recording
): Promise<ImageHistory> => {
  const carried = before === undefined ? [] : carriedBy(before)
  // What a log has made was acquired by no instrument, whatever the program that wrote the file put into it.
  const made = before !== undefined && isMade(before.bundle.manifest)
  // An acquisition that was recorded keeps its id: reading the metadata again would make a second one of it.
  const recorded = made || carried.length > 0
  return { acquired: recorded ? [] : await acquisitionsOf(opened, capabilities, { restricted }), carried }
}

const historyOf = async (
  opened: OpenImage,
  { acquisition }: SaveOptions,
  { before, log }: Told,
  recording: Recording
): Promise<ImageHistory> => {
  if (acquisition !== undefined) {
    return withImage(acquisition, async other => {
      const saved = await savedBundle(other)
      return saved === undefined
        ? {
            acquired: await acquisitionsOf(other, recording.capabilities, {
              elsewhere: true,
              restricted: recording.restricted
            }),
            carried: []
          }
        : { acquired: [], carried: await carriedFrom(other, saved) }
    })
  }
  return log === undefined ? ownHistory(opened, before, recording) : log.history
}

type ReadLog = Awaited<ReturnType<typeof readLogFile>>

const readLogParts = async (
  opened: OpenImage,
  images: readonly ManifestImage[],
  options: SaveOptions,
  log: ReadLog | undefined,
  { capabilities, restricted }: Recording
): Promise<LogParts | undefined> =>
  options.log === undefined || log === undefined
    ? undefined
    : logParts({
        ...log,
        restricted,
        logFile: options.log,
        folder: dirname('to' in options.target ? options.target.to : opened.path),
        output: outputName(opened.path, options),
        image: savedImage(opened, images),
        capabilities,
        watch: options
      })

/** Whether anything that the image is made from is restricted. */
const madeOfRestricted = async (
  opened: OpenImage,
  { acquisition, log: logFile }: SaveOptions,
  log: ReadLog | undefined
): Promise<boolean> =>
  (await isRestrictedImage(opened)) ||
  (await anyRestricted([acquisition])) ||
  (log !== undefined && logFile !== undefined && (await worksOnRestricted(log.log, logFile)))

/** How the image was made: as its log tells or, without one, as it was told when it was saved before. */
const makingOf = ({ before, log }: Told, images: readonly ManifestImage[]): KeptHistory => {
  if (log !== undefined)
    return {
      parts: { sources: log.sources, software: log.software, macro: log.macro },
      macro: toldMacro(log),
      warnings: log.warnings
    }
  return before === undefined ? untold : keptHistory(before, images)
}

const saveOpened = async (
  opened: OpenImage,
  options: SaveOptions,
  identity: Identity | undefined,
  capabilities: Capabilities
): Promise<SaveResult> => {
  const images = await manifestImages(opened, options)
  const logged = options.log === undefined ? undefined : await readLogFile(options.log, capabilities)
  const restricted = options.restricted ?? (await madeOfRestricted(opened, options, logged))
  const recording = { capabilities, restricted }
  const log = await readLogParts(opened, images, options, logged, recording)
  const told: Told = { log, before: log === undefined ? await savedBundle(opened) : undefined }
  const history = await historyOf(opened, options, told, recording)
  const making = makingOf(told, images)
  const { notCovered } = opened.image
  const built = await buildBundle(
    { images, notCovered, ...history, ...making.parts, restricted },
    identity,
    capabilities
  )
  await prepareOutbox(identity, options, restricted)
  const written = await writeBundle(opened, options.target, built.bundle, options)
  const queued = await queueRecords(
    { records: built.records, attachments: built.bundle.attachments, bytesAt: bytesIn(opened) },
    identity,
    options
  )
  return saveResult({
    written,
    manifest: built.manifest.id,
    images,
    queued,
    restricted,
    asked: options.restricted !== undefined,
    making,
    identity
  })
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
