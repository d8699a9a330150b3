import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { BimsError } from '../errors.ts'
import type { ByteSource, EditableFile } from './byte-source.ts'
import type { ImageDigests } from '../digest/array-digest.ts'
import type { DType, NdArray } from '../digest/nd-array.ts'

/** What an image of a file is for. */
export type ImageRole = 'data' | 'level' | 'label' | 'thumbnail' | 'mask'

/** One image of a container: a series, or a level of its pyramid. */
export interface ContainerImage {
  /** `<series>` or `<series>/<level>`. */
  readonly name: string
  /** 0-based index of the series in file order. */
  readonly series: number
  readonly role: ImageRole
  /** Axes in digest order (position, t, others by name, c, z, y, x), those of length 1 but y and x left out. */
  readonly axes: readonly string[]
  /** Lengths of `axes`. */
  readonly shape: readonly number[]
  /**
   * The same axes in the file's own order, as tifffile's `asarray()` and so `skimage.io.imread` give them, e.g. y, x, c
   * for RGB; absent where channels and samples are one axis here and two there.
   */
  readonly storedAxes?: readonly string[]
  readonly dtype: DType
}

/** Planes that the container describes but that stand in another file. */
export interface NotCovered {
  readonly file: string
  readonly uuid?: string
}

/** A block of raw native bytes, and where it stands in the file. */
export interface NativeBlock {
  /** `tiff:<directory>/<tag>[#n]`: directory in file order from 0, #n the n-th repeat of the tag from 0. */
  readonly at: string
  /** TIFF tag number, where the container is a TIFF. */
  readonly tag?: number
  readonly bytes: Uint8Array
  /** The file's byte order, which some native formats use inside. */
  readonly littleEndian: boolean
}

/** A physical pixel size or other fact that the container itself states is left to instrument formats. */
export interface OpenContainer {
  /** Id of the container format, e.g. `tiff`. */
  readonly format: string
  /** Every image in the file, in file order. */
  readonly images: readonly ContainerImage[]
  readonly notCovered: readonly NotCovered[]
  /** Whether a bundle can be embedded, or why a sidecar must be used. */
  readonly place: { readonly kind: 'embedded' } | { readonly kind: 'sidecar'; readonly why: string }
  /** Native metadata blocks (private and text tags) in file order. Bounded: blocks over 64 MiB are an error. */
  readonly native: () => TaskEither<BimsError, readonly NativeBlock[]>
  /** The raw value bytes at an address as in {@link NativeBlock.at}. Fails with `tiff-malformed`, `attachment-digest`. */
  readonly bytesAt: (at: string) => TaskEither<BimsError, Uint8Array>
  /** Digests of `images[index]`. `onProgress` receives fractions from 0 to 1. */
  readonly digest: (
    index: number,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (done: number) => void }
  ) => TaskEither<BimsError, ImageDigests>
  /** Decodes `images[index]` whole into memory, in its digest axes. */
  readonly readArray: (index: number, options?: { readonly signal?: AbortSignal }) => TaskEither<BimsError, NdArray>
  /** The embedded bundle's bytes, or undefined where there is none. */
  readonly bundle: () => TaskEither<BimsError, Uint8Array | undefined>
}

/** The state of a container before a bundle was embedded, carried in the bundle as `original`. */
export interface OriginalState {
  readonly length: number
  readonly firstDirectory: number
}

/** A file format in which a bundle can live and from which pixels are read. */
export interface Container {
  readonly format: string
  /** Human name. */
  readonly title: string
  /** Decides by the first bytes (at least 16, fewer only if the file is shorter) and the name. */
  readonly recognises: (head: Uint8Array, name: string) => boolean
  readonly open: (source: ByteSource) => TaskEither<BimsError, OpenContainer>
  /**
   * Embeds a bundle. `bundle` receives the original state, which belongs into the bundle, and returns its bytes.
   * Append-only; when the process dies at any moment the file holds either the old or the new bundle.
   * Fails with `tiff-cannot-grow`, `disk-full`.
   */
  readonly embed: (file: EditableFile, bundle: (original: OriginalState) => Uint8Array) => TaskEither<BimsError, void>
  /** Gives back the byte-identical original file. Fails with `bundle-missing`. */
  readonly strip: (file: EditableFile) => TaskEither<BimsError, void>
}
