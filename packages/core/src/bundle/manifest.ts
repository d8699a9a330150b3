import * as t from 'io-ts'
import { DTypeCodec } from '../digest/dtype-codec.ts'
import type { DType } from '../digest/nd-array.ts'
import { SpilledCodec, type Spilled } from '../json/attachment.ts'
import {
  CountCodec,
  DateTimeCodec,
  HexHashCodec,
  ImageDigestCodec,
  listCodec,
  SaltCodec,
  Sha256IdCodec
} from '../json/codec.ts'
import { WithheldCodec, type Withheld } from '../json/withheld.ts'
import type { HostProgram } from '../macro/macro.ts'

/** Roles of images in a file. */
export const imageRoles = ['data', 'level', 'label', 'thumbnail', 'mask'] as const

/** Role of an image in a file. */
export type ManifestRole = (typeof imageRoles)[number]

/** One image of the file. */
export interface ManifestImage {
  /** `<series>` or `<series>/<level>`. */
  readonly name: string
  /** 0-based index in file order. */
  readonly series: number
  readonly role: ManifestRole
  readonly axes: readonly string[]
  readonly shape: readonly number[]
  readonly dtype: DType
  /** `bims-pixels-1:…` or `bims-coded-1:…`. */
  readonly digest: string
  /** Order-free key, hex. */
  readonly content: string
}

/** An image from which this one was made. */
export interface Source {
  readonly name: string | Withheld
  /** Content key of the source image. */
  readonly content: string
  /** Id of its manifest where it had one. */
  readonly manifest?: string
}

/** A record of kind image (`bims.manifest/1`): what stands in an image file. Written once, never changed. */
export interface Manifest {
  readonly schema: 'bims.manifest/1'
  readonly images: Spilled<readonly ManifestImage[]>
  /** Planes that the file describes but that stand in other files. */
  readonly notCovered?: readonly { readonly file: string | Withheld; readonly uuid?: string }[]
  /** Ids of acquisition records. */
  readonly acquisitions: readonly string[]
  /** Id of the macro record. */
  readonly macro?: string
  readonly sources: readonly Source[]
  readonly software: readonly HostProgram[]
  /** When it was saved, as the saver's clock says (RFC 3339). */
  readonly created: string
  /** Where the file is a replay: the manifest of the original, and the parameters that were changed. */
  readonly replayOf?: {
    readonly manifest: string
    readonly changed: readonly { readonly step: number; readonly parameter: string }[]
    /** Names of inputs that are other data than the recorded. */
    readonly inputs: readonly string[]
  }
  /** 16 random bytes, base64: the record is made to stay restricted, and its id, which stands in blocks, tells nothing. */
  readonly salt?: string
}

const RoleCodec: t.Type<ManifestRole, string, unknown> = t.keyof({
  data: null,
  level: null,
  label: null,
  thumbnail: null,
  mask: null
})

const ImageCodec: t.Type<ManifestImage, unknown, unknown> = t.type({
  name: t.refinement(t.string, name => /^\d+(?:\/\d+)?$/.test(name), '<series>[/<level>]'),
  series: CountCodec,
  role: RoleCodec,
  axes: listCodec(t.string),
  shape: listCodec(CountCodec),
  dtype: DTypeCodec,
  digest: ImageDigestCodec,
  content: HexHashCodec
})

/** Codec of a list of images, for one that was moved into an attachment. */
export const ManifestImagesCodec: t.Type<readonly ManifestImage[], unknown, unknown> = listCodec(ImageCodec, 'images')

const TextCodec: t.Type<string | Withheld, unknown, unknown> = t.union([t.string, WithheldCodec])

/** Codec of {@link Manifest}. */
export const ManifestCodec: t.Type<Manifest, unknown, unknown> = t.intersection(
  [
    t.type({
      schema: t.literal('bims.manifest/1'),
      images: t.union([SpilledCodec, ManifestImagesCodec]),
      acquisitions: t.readonlyArray(Sha256IdCodec),
      sources: t.readonlyArray(
        t.intersection([t.type({ name: TextCodec, content: HexHashCodec }), t.partial({ manifest: Sha256IdCodec })])
      ),
      software: t.readonlyArray(t.intersection([t.type({ name: t.string }), t.partial({ version: t.string })])),
      created: DateTimeCodec
    }),
    t.partial({
      macro: Sha256IdCodec,
      notCovered: t.readonlyArray(t.intersection([t.type({ file: TextCodec }), t.partial({ uuid: t.string })])),
      replayOf: t.type({
        manifest: Sha256IdCodec,
        changed: t.readonlyArray(t.type({ step: CountCodec, parameter: t.string })),
        inputs: t.readonlyArray(t.string)
      }),
      salt: SaltCodec
    })
  ],
  'Manifest'
)
