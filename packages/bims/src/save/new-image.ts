import { detectContainer } from '@bims/adapters/containers'
import { createWhole } from '@bims/adapters/sources/whole-file'
import { bundleBytes, newError, isBimsError, type BimsError, type EditableFile, type ManifestImage } from '@bims/core'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { manifestImages, type OpenImage, type Watch } from '../files/open-image.ts'
import type { Capabilities } from '../production.ts'
import { promised } from '../promise.ts'
import { buildBundle, type BuiltBundle, type SaveParts, type SigningIdentity } from './build-bundle.ts'

/** How a new image comes to its pixels and its history. */
export interface NewImage {
  readonly path: string
  readonly write: (file: EditableFile) => TE.TaskEither<BimsError, void>
  /** What the file will tell, once its images and their digests are known. */
  readonly parts: (opened: OpenImage, images: readonly ManifestImage[]) => Promise<SaveParts>
  readonly identity?: SigningIdentity
  readonly capabilities: Capabilities
  readonly overwrite?: boolean
  readonly watch: Watch
}

/** A new image file that stands on disk with its history. */
export interface SavedImage extends BuiltBundle {
  readonly images: readonly ManifestImage[]
}

const toError = (thrown: unknown): BimsError =>
  isBimsError(thrown) ? thrown : newError('unexpected', String(thrown), 'Please report this.', { cause: thrown })

const fill = async (file: EditableFile, image: NewImage): Promise<SavedImage> => {
  await promised(image.write(file))
  const container = await promised(detectContainer(file))
  const opened: OpenImage = { path: image.path, container, image: await promised(container.open(file)) }
  const images = await manifestImages(opened, image.watch)
  const built = await buildBundle(await image.parts(opened, images), image.identity, image.capabilities)
  await promised(container.embed(file, original => bundleBytes(built.bundle, original)))
  return { ...built, images }
}

/**
 * Writes a new image file together with its history: pixels, bundle and all are whole or absent.
 * Rejects with `file-exists`, `disk-full`, `file-permission`, `interrupted`.
 */
export const saveNewImage = async (image: NewImage): Promise<SavedImage> => {
  let saved: SavedImage | undefined
  await promised(
    createWhole(
      image.path,
      file =>
        TE.tryCatch(async () => {
          saved = await fill(file, image)
        }, toError),
      {
        overwrite: image.overwrite === true,
        ...(image.watch.signal === undefined ? {} : { signal: image.watch.signal })
      }
    )
  )
  if (saved === undefined)
    throw newError('unexpected', `${image.path} was written without its history.`, 'Please report this.')
  return saved
}
