import { chooseBundle, detectContainer } from '@bims/adapters/containers'
import { readSidecar } from '@bims/adapters/containers/sidecar'
import { openFile } from '@bims/adapters/sources/file'
import {
  newError,
  parseBundle,
  type Container,
  type ManifestImage,
  type OpenContainer,
  type ReadBundle
} from '@bims/core'
import { isRight } from 'fp-ts/lib/Either.js'
import { promised, value } from '../promise.ts'

/** An image file, open for reading. */
export interface OpenImage {
  readonly path: string
  readonly container: Container
  readonly image: OpenContainer
}

/** How long work may go on, and whom it tells. */
export interface Watch {
  readonly signal?: AbortSignal
  /** What is being done, and how far it is from 0 to 1. */
  readonly onProgress?: (what: string, fraction?: number) => void
}

/**
 * Opens an image file, uses it and closes it.
 * Rejects with `file-missing`, `file-permission`, `container-unknown`, `tiff-malformed`.
 */
export const withImage = async <A>(path: string, use: (image: OpenImage) => Promise<A>): Promise<A> => {
  const source = await promised(openFile(path))
  try {
    const container = await promised(detectContainer(source))
    return await use({ path, container, image: await promised(container.open(source)) })
  } finally {
    await promised(source.close())
  }
}

/** Every image of the file with its digests, as a manifest lists them. Rejects with `interrupted`, `tiff-unsupported`. */
export const manifestImages = async (
  { image, path }: OpenImage,
  { onProgress, signal }: Watch = {}
): Promise<readonly ManifestImage[]> => {
  const images: ManifestImage[] = []
  for (const [i, found] of image.images.entries()) {
    const digests = await promised(
      image.digest(i, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: done => onProgress?.(`digest of ${path}`, (i + done) / image.images.length)
      })
    )
    const { axes, dtype, name, role, series, shape } = found
    images.push({ name, series, role, axes, shape, dtype, digest: digests.digest, content: digests.content })
  }
  return images
}

/** Reads bytes that already stand in an image file, by the `at` of an attachment; undefined where they do not. */
export const bytesIn =
  ({ image }: OpenImage) =>
  async (at: string): Promise<Uint8Array | undefined> => {
    const bytes = await image.bytesAt(at)()
    return isRight(bytes) ? bytes.right : undefined
  }

/** The bundle of a file and where it was found. */
export interface FileBundle {
  readonly bytes: Uint8Array
  readonly place: 'embedded' | 'sidecar'
  readonly warnings: readonly string[]
}

/** Finds the bundle of a file, embedded or in its sidecar; undefined where there is none. */
export const findBundle = async ({ image, path }: OpenImage): Promise<FileBundle | undefined> => {
  const found = chooseBundle(await promised(image.bundle()), await promised(readSidecar(path)), bytes =>
    isRight(parseBundle(bytes))
  )
  if (found.chosen === undefined) return undefined
  const warnings = found.differ
    ? [`the embedded bundle and the sidecar of ${path} differ; the ${found.chosen.place} one counts`]
    : []
  return { ...found.chosen, warnings }
}

/** What a file was saved with before; undefined where it carries no bundle. Rejects with `bundle-foreign`, `record-major`. */
export const savedBundle = async (image: OpenImage): Promise<ReadBundle | undefined> => {
  const found = await findBundle(image)
  return found === undefined ? undefined : value(parseBundle(found.bytes))
}

/** The bundle of a file, read. Rejects with `bundle-missing`, `bundle-foreign`, `record-major`. */
export const readFileBundle = async (image: OpenImage): Promise<FileBundle & { readonly read: ReadBundle }> => {
  const found = await findBundle(image)
  if (found === undefined)
    throw newError(
      'bundle-missing',
      `${image.path} carries no bundle and has no sidecar.`,
      'Only files that were saved with BIMS have one.'
    )
  return { ...found, read: value(parseBundle(found.bytes)) }
}
