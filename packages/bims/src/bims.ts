import { parseLog } from './log/read-log.ts'
import { basename, dirname, join, resolve } from 'node:path'
import { isRestricted, newError, type AcquiredImage, type InstrumentContent } from '@bims/core'
import { writeTiffInto } from '@bims/adapters/containers/tiff'
import { AcquisitionRecorder, type RecordedAcquisition } from './acquire/recorder.ts'
import type { Watch } from './files/open-image.ts'
import { identityOf, type Identity, type IdentityOptions } from './identity/identity.ts'
import { defaultFolder } from './identity/network-profile.ts'
import { LogSession, type Logged, type LogOptions } from './log/session.ts'
import { production, type Capabilities } from './production.ts'
import { writeArray } from './save/array-file.ts'
import type { SaveParts } from './save/build-bundle.ts'
import { logParts, savedImage, type LogParts } from './save/log-parts.ts'
import { saveNewImage, type NewImage } from './save/new-image.ts'
import { worksOnRestricted } from './save/restriction.ts'
import { saveResult, toldMacro, type SaveResult, type SavingDone } from './save/save-result.ts'
import { newImageFile, prepareOutbox, queueRecords } from './submit/queue.ts'
import { submitFiles, type SubmitReport } from './submit/submit-files.ts'
import { recordedOme, recordedPlanes } from './acquire/recorded-planes.ts'

/** How {@link openBims} finds who signs and where records wait. */
export interface BimsOptions extends IdentityOptions {
  /** Folder of the outbox; default `./.bims/outbox`. */
  readonly outbox?: string
  /**
   * Everything that is recorded and saved stays in the private collection of the identity's organisation, until it is released. Where
   * nothing is said, images that are made from restricted ones do.
   */
  readonly restricted?: boolean
  /** Most bytes of the attachments of one record that go to the ledger: 8 MiB where it is not given, 0 for none. */
  readonly attachmentBytes?: number
  readonly capabilities?: Capabilities
}

/** How an image is saved through {@link Bims.save}. */
export interface SaveImageOptions extends Watch {
  /** Replaces a file of that name. */
  readonly overwrite?: boolean
}

/** An instrument whose acquisitions are recorded. */
export interface InstrumentHandle {
  readonly content: InstrumentContent
  /** Begins an acquisition. Throws `digest-shape` where axes and shape are no image. */
  readonly begin: (image: AcquiredImage) => AcquisitionRecorder
}

/** BIMS as one identity: instruments, logs, saving and submitting. */
export class Bims {
  readonly #options: BimsOptions
  readonly #identity: Identity | undefined
  readonly #capabilities: Capabilities

  constructor(options: BimsOptions, identity: Identity | undefined) {
    this.#options = options
    this.#identity = identity
    this.#capabilities = options.capabilities ?? production
  }

  /** Subject of the certificate that signs; undefined where nobody does. */
  get signer(): string | undefined {
    return this.#identity?.subject
  }

  /** Names the instrument whose acquisitions are to be recorded. */
  instrument(content: InstrumentContent): Promise<InstrumentHandle> {
    const journal = join(resolve(this.#options.outbox ?? defaultFolder), 'journal')
    return Promise.resolve({
      content,
      begin: image =>
        new AcquisitionRecorder(content, image, journal, this.#capabilities, {
          restricted: this.#options.restricted === true
        })
    })
  }

  /** Starts the log of an imaging session. */
  log(options: LogOptions): LogSession {
    return new LogSession(options, this.#capabilities)
  }

  /**
   * Saves an acquisition, or an image of a logged session, into a new file with its history: slices, signs, embeds,
   * and queues the records for the ledger. The file is whole or absent.
   * Rejects with `file-exists`, `disk-full`, `file-permission`, `digest-shape`.
   */
  async save(path: string, image: RecordedAcquisition | Logged, options: SaveImageOptions = {}): Promise<SaveResult> {
    const saving = image.kind === 'acquisition' ? this.#acquisition(image) : await this.#logged(image, path, options)
    await prepareOutbox(this.#identity, this.#options, saving.restricted)
    const saved = await saveNewImage({
      path,
      write: saving.write,
      parts: saving.parts,
      ...(this.#identity === undefined ? {} : { identity: this.#identity }),
      capabilities: this.#capabilities,
      overwrite: options.overwrite === true,
      watch: options
    })
    if (image.kind === 'acquisition') await image.discard()
    const queued = await queueRecords(newImageFile(saved), this.#identity, this.#options)
    return saveResult({
      written: { file: path },
      manifest: saved.manifest.id,
      images: saved.images,
      queued,
      restricted: saving.restricted,
      asked: this.#options.restricted !== undefined,
      making: saving.making(),
      identity: this.#identity
    })
  }

  #acquisition(recorded: RecordedAcquisition): Saving {
    const restricted = isRestricted(recorded.sealed.acquisition.record)
    return {
      restricted,
      write: file => writeTiffInto(file, recordedPlanes(recorded), { software: 'BIMS', ome: recordedOme(recorded) }),
      parts: (opened, images) =>
        Promise.resolve({
          images,
          notCovered: opened.image.notCovered,
          acquired: [recorded.sealed],
          carried: [],
          sources: [],
          software: recorded.software,
          restricted
        }),
      making: () => undefined
    }
  }

  async #logged(image: Logged, path: string, watch: Watch): Promise<Saving> {
    const { session } = image
    await session.settled()
    const [pixels, { log, session: id }] = [
      await image.pixels(),
      await parseLog(await session.bytes(), basename(session.logFile), this.#capabilities)
    ]
    const newest = log.outputs.find(({ name }) => name === image.name)?.value
    if (newest !== undefined && newest !== (await image.value())) {
      throw newError(
        'output-unknown',
        `${image.name} was overwritten since: ${await image.value()} is no longer what the session holds under that name.`,
        'Save the newest image of a name.'
      )
    }
    const restricted = this.#options.restricted ?? (await worksOnRestricted(log, session.logFile))
    let told: LogParts | undefined
    return {
      restricted,
      write: file =>
        writeArray(file, pixels, { name: image.name, ...(watch.signal === undefined ? {} : { signal: watch.signal }) }),
      parts: async (opened, images): Promise<SaveParts> => {
        told = await logParts({
          log,
          session: id,
          logFile: session.logFile,
          folder: dirname(path),
          restricted,
          output: image.name,
          image: savedImage(opened, images),
          attachmentsOf: steps => session.attachmentsOf(steps),
          capabilities: this.#capabilities,
          watch
        })
        return {
          images,
          notCovered: [],
          acquired: told.history.acquired,
          carried: told.history.carried,
          macro: told.macro,
          sources: told.sources,
          software: told.software,
          restricted
        }
      },
      making: () => (told === undefined ? undefined : { macro: toldMacro(told), warnings: told.warnings })
    }
  }

  /** Delivers what waits in the outbox, and the records of files. Rejects with `ledger-unreachable` only where there is no network at all. */
  submit(files: readonly string[] = [], watch: Watch = {}): Promise<SubmitReport> {
    return submitFiles(files, { ...this.#options, ...watch })
  }
}

/** One way to come to a file and to what it tells. */
interface Saving extends Pick<NewImage, 'write' | 'parts'> {
  readonly restricted: boolean
  /** What the log told, once the file is written. */
  readonly making: () => SavingDone['making']
}

/**
 * Opens BIMS for a program: loads who signs (a PEM file, a user of the network, or nobody).
 * Rejects with `identity-missing`, `identity-malformed`, `profile-malformed`.
 *
 * @example
 * ```ts
 * import { nm, openBims } from 'bims'
 *
 * const bims = await openBims({ identity: './scope7.id', outbox: './bims' })
 * const scope = await bims.instrument({ maker: 'Acme', model: 'X1', serial: '42' })
 * const acq = scope.begin({ axes: ['y', 'x'], shape: [512, 512], dtype: 'uint16' })
 * acq.channel(0, { modality: 'light', excitation: nm(488), 'acme:ditherMode': 3 })
 * await acq.plane({}, new Uint16Array(512 * 512))
 * await bims.save('run7.ome.tif', await acq.end())
 * ```
 */
export const openBims = async (options: BimsOptions = {}): Promise<Bims> => new Bims(options, await identityOf(options))
