import { readSidecar, sidecarPath, writeSidecar } from '@bims/adapters/containers/sidecar'
import { openEditable, openFile } from '@bims/adapters/sources/file'
import { createWhole } from '@bims/adapters/sources/whole-file'
import { bundleBytes, newError, type BimsError, type Bundle, type ByteSource, type EditableFile } from '@bims/core'
import { left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { OpenImage, Watch } from '../files/open-image.ts'
import { promised } from '../promise.ts'

/** Where a bundle came to stand. */
export interface Written {
  readonly file: string
  readonly sidecar?: string
  /** Why a sidecar had to be used. */
  readonly why?: string
}

/** Where to write: a new file that must not exist yet, or the image itself. */
export type Target = { readonly to: string } | { readonly inPlace: true }

const chunk = 8 * 1024 * 1024

const copyInto =
  (source: ByteSource, file: EditableFile, { onProgress, signal }: Watch): TaskEither<BimsError, void> =>
  async () => {
    for (let offset = 0; offset < source.size; offset += chunk) {
      if (signal?.aborted === true)
        return left(newError('interrupted', 'Saving was stopped; nothing was written.', 'Start it again.'))
      const bytes = await source.read(offset, Math.min(chunk, source.size - offset))()
      if (bytes._tag === 'Left') return bytes
      const written = await file.write(offset, bytes.right)()
      if (written._tag === 'Left') return written
      onProgress?.(`writing ${file.name}`, offset / source.size)
    }
    return right(undefined)
  }

const embedInPlace = async (opened: OpenImage, bundle: Bundle): Promise<void> => {
  const file = await promised(openEditable(opened.path))
  try {
    await promised(opened.container.embed(file, original => bundleBytes(bundle, original)))
  } finally {
    await promised(file.close())
  }
}

const embedInCopy = async (opened: OpenImage, to: string, bundle: Bundle | undefined, watch: Watch): Promise<void> => {
  const source = await promised(openFile(opened.path))
  try {
    await promised(
      createWhole(to, file => async () => {
        const copied = await copyInto(source, file, watch)()
        if (copied._tag === 'Left' || bundle === undefined) return copied
        return opened.container.embed(file, original => bundleBytes(bundle, original))()
      })
    )
  } finally {
    await promised(source.close())
  }
}

/**
 * Writes the bundle of an image: embedded where the container takes it, else in a sidecar beside the file. A new file
 * is whole or absent; in place the old or the new bundle stands, whenever the process dies.
 * Rejects with `file-exists`, `disk-full`, `file-permission`, `interrupted`.
 */
export const writeBundle = async (
  opened: OpenImage,
  target: Target,
  bundle: Bundle,
  watch: Watch = {}
): Promise<Written> => {
  const { place } = opened.image
  const file = 'to' in target ? target.to : opened.path
  if (place.kind === 'embedded') {
    await ('to' in target ? embedInCopy(opened, target.to, bundle, watch) : embedInPlace(opened, bundle))
    return { file }
  }
  if ('to' in target && (await promised(readSidecar(target.to))) !== undefined) {
    throw newError(
      'file-exists',
      `The sidecar exists already: ${sidecarPath(target.to)}`,
      'Choose another name for the image.'
    )
  }
  // The sidecar last: an image without its sidecar is an image without history, the reverse would be a lie.
  if ('to' in target) await embedInCopy(opened, target.to, undefined, watch)
  await promised(writeSidecar(file, bundleBytes(bundle), { overwrite: 'inPlace' in target }))
  return { file, sidecar: sidecarPath(file), why: place.why }
}
