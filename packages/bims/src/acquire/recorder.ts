import {
  bytesPerElement,
  isBimsError,
  newError,
  utf8,
  type AcquiredImage,
  type AcquisitionContent,
  type Channel,
  type HostProgram,
  type InstrumentContent,
  type Issue,
  type Modality,
  type NativeText,
  type Quantity,
  type SetAndMeasured,
  type Setting,
  type Settings
} from '@bims/core'
import type { Capabilities } from '../production.ts'
import { openJournal, type Journal } from './journal.ts'
import { personalSettings } from './personal-settings.ts'
import { PlaneLog, type Position } from './plane-log.ts'
import { sealAcquisition, type SealedAcquisition } from './sealed-acquisition.ts'

/** What a channel is told by: its modality, a name, and settings by the names of docs/spec/acquisition.md or `vendor:name`. */
export type ChannelSettings = { readonly modality: Modality; readonly name?: string } & {
  readonly [setting: string]: Setting
}

/** An acquisition that has ended: its record, and its planes in the journal until they are saved. */
export interface RecordedAcquisition {
  readonly kind: 'acquisition'
  readonly image: AcquiredImage
  readonly sealed: SealedAcquisition
  /** The acquisition software, for the manifest. */
  readonly software: readonly HostProgram[]
  readonly planes: number
  readonly readPlane: (plane: number) => Promise<Uint8Array>
  /** Takes the journal away; saving does it. */
  readonly discard: () => Promise<void>
}

const planeCount = ({ shape }: AcquiredImage): number => shape.slice(0, -2).reduce((product, n) => product * n, 1)

const checkImage = ({ axes, dtype, shape }: AcquiredImage): void => {
  const issues: Issue[] = [
    ...(axes.length === shape.length
      ? []
      : [{ at: '/shape', what: `${axes.length} axes for ${shape.length} lengths` }]),
    ...(axes.slice(-2).join() === 'y,x' ? [] : [{ at: '/axes', what: 'the last two axes must be y and x' }]),
    ...(Object.hasOwn(bytesPerElement, dtype) ? [] : [{ at: '/dtype', what: `${dtype} is no type of samples` }]),
    ...(Number.isSafeInteger(shape.reduce((product, n) => product * n, 16))
      ? []
      : [{ at: '/shape', what: 'no disk holds so many samples' }]),
    ...(new Set(axes).size === axes.length ? [] : [{ at: '/axes', what: 'an axis stands twice' }]),
    ...shape.flatMap((n, i) =>
      Number.isSafeInteger(n) && n > 0 ? [] : [{ at: `/shape/${i}`, what: `${n} is no length` }]
    )
  ]
  if (issues.length > 0)
    throw newError(
      'digest-shape',
      `The acquisition cannot begin: ${issues.map(({ what }) => what).join('; ')}.`,
      'Give axes such as [t, c, z, y, x] with their lengths.',
      { issues }
    )
}

/** Bytes of pixels as they stand in memory; both kinds of machines that Node runs on are little-endian. */
const pixelBytes = (pixels: ArrayBufferView): Uint8Array =>
  new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)

/** A running acquisition: every setting and every plane goes through it. */
export class AcquisitionRecorder {
  #image: AcquiredImage
  readonly #instrument: InstrumentContent
  readonly #capabilities: Capabilities
  readonly #restricted: boolean
  readonly #journal: Promise<Journal>
  readonly #channels = new Map<number, Channel>()
  readonly #settings: { [name: string]: Setting } = {}
  readonly #native: NativeText[] = []
  readonly #log: PlaneLog
  readonly #began: string
  #writes: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  /** `restricted`: its record is to stay so. */
  constructor(
    instrument: InstrumentContent,
    image: AcquiredImage,
    journalFolder: string,
    capabilities: Capabilities,
    { restricted = false }: { readonly restricted?: boolean } = {}
  ) {
    checkImage(image)
    this.#restricted = restricted
    // The caller may use its object for the next acquisition.
    this.#image = { ...image }
    this.#instrument = instrument
    this.#capabilities = capabilities
    this.#log = new PlaneLog(image)
    this.#began = capabilities.now()
    const name = `acquisition-${Buffer.from(capabilities.random(8)).toString('hex')}`
    this.#journal = openJournal(journalFolder, name, this.#planeBytes)
    this.#journal.catch(() => undefined)
  }

  get #planeBytes(): number {
    return this.#image.shape.slice(-2).reduce((product, n) => product * n, bytesPerElement[this.#image.dtype])
  }

  /** Tells the settings of a channel, from optics to digitisation. A later call adds to an earlier one. */
  channel(index: number, { modality, name, ...path }: ChannelSettings): void {
    const before = this.#channels.get(index)
    const settings: Settings = path
    const label = name ?? before?.name
    this.#channels.set(index, {
      modality,
      ...(label === undefined ? {} : { name: label }),
      path: { ...before?.path, ...settings }
    })
  }

  /** Tells a setting that is common to all channels. */
  setting(name: string, value: Setting): void {
    this.#settings[name] = value
  }

  /** Tells the distance of neighbouring pixels along the axes. */
  pixelSize(size: { readonly [axis: string]: Quantity }): void {
    this.#image = { ...this.#image, pixelSize: { ...this.#image.pixelSize, ...size } }
  }

  /** Keeps native metadata verbatim: the program's own settings file, whatever its format. */
  native(format: string, content: string | Uint8Array, mediaType = 'text/plain; charset=utf-8'): void {
    this.#native.push({
      format,
      mediaType,
      bytes: typeof content === 'string' ? utf8(content) : Uint8Array.from(content),
      entries: []
    })
  }

  /**
   * Records one plane at its position along the axes before y and x, with the settings that held for it. The pixels
   * may be used for the next frame as soon as the promise is settled.
   * Rejects with `digest-shape`, `disk-full`.
   */
  plane(
    position: Position,
    pixels: ArrayBufferView,
    settings: { readonly [name: string]: Quantity | number | string | boolean | SetAndMeasured } = {}
  ): Promise<void> {
    const bytes = pixelBytes(pixels)
    if (bytes.length !== this.#planeBytes) {
      return Promise.reject(
        newError(
          'digest-shape',
          `A plane of this acquisition has ${this.#planeBytes} bytes, not ${bytes.length}.`,
          `Give ${this.#image.shape.slice(-2).join(' × ')} samples of ${this.#image.dtype}.`
        )
      )
    }
    let index: number
    try {
      index = this.#log.add(position, settings, this.#capabilities.now())
    } catch (error) {
      return Promise.reject(isBimsError(error) ? error : newError('unexpected', String(error), 'Report this.'))
    }
    const written = this.#writes.then(async () => (await this.#journal).write(index, bytes))
    this.#writes = written.catch((error: unknown) => {
      this.#log.forget(index)
      this.#failure = { error }
    })
    return written
  }

  /** Gives the acquisition up: its planes are taken away. */
  async cancel(): Promise<void> {
    await this.#writes
    await (await this.#journal).remove()
  }

  /** A plane that could not be stored is told by the reason, whether its promise was waited for or not. */
  #checkComplete(): void {
    const missing = this.#log.missing()
    if (missing > 0 && this.#failure !== undefined) throw this.#failure.error
    if (missing > 0)
      throw newError(
        'digest-shape',
        `${missing} of ${planeCount(this.#image)} planes never came.`,
        'Record them, or end with {incomplete: true}.'
      )
  }

  /**
   * Ends the acquisition and seals its record. With `incomplete` planes that never came are zeros, which the plane
   * table shows; without it they are refused.
   * Rejects with `digest-shape` (planes missing), `record-schema`, `disk-full`.
   */
  async end({ incomplete = false }: { readonly incomplete?: boolean } = {}): Promise<RecordedAcquisition> {
    await this.#writes
    const journal = await this.#journal
    if (!incomplete) this.#checkComplete()
    const planes = this.#log.table()
    const acquisition: AcquisitionContent = {
      image: this.#image,
      channels: [...this.#channels].sort(([a], [b]) => a - b).map(([, channel]) => channel),
      ...(Object.keys(this.#settings).length === 0 ? {} : { settings: this.#settings }),
      ...(planes === undefined ? {} : { planes }),
      acquiredAt: { local: this.#began.replace(/Z$/, ''), offset: 'Z', source: 'clock' }
    }
    const personal = personalSettings(acquisition)
    const sealed = sealAcquisition(
      {
        instrument: this.#instrument,
        acquisition,
        native: this.#native,
        mapping: [],
        personal: personal.pointers,
        personalPlanes: personal.planes,
        restricted: this.#restricted
      },
      this.#capabilities
    )
    return {
      kind: 'acquisition',
      image: this.#image,
      sealed,
      software: this.#instrument.software === undefined ? [] : [this.#instrument.software],
      planes: planeCount(this.#image),
      readPlane: plane => journal.read(plane),
      discard: () => journal.remove()
    }
  }
}
