import type { BimsError, Container, ImageDigests, OpenContainer } from '@bims/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { tiff } from '../../../src/containers/tiff/container.ts'
import { bufferSource } from '../../../src/sources/buffer.ts'

/** The value of a task that must succeed. */
export const value = async <A>(task: TaskEither<BimsError, A>): Promise<A> => {
  const result: Either<BimsError, A> = await task()
  if (result._tag === 'Left')
    throw new Error(`${result.left.code}: ${result.left.what} ${JSON.stringify(result.left.issues ?? [])}`)
  return result.right
}

/** The error of a task that must fail. */
export const error = async (task: TaskEither<BimsError, unknown>): Promise<BimsError> => {
  const result = await task()
  if (result._tag === 'Right') throw new Error('It succeeded, although it must not.')
  return result.left
}

/** Opens bytes as a TIFF. */
export const openBytes = (
  bytes: Uint8Array,
  name = 'fixture.tif',
  container: Container = tiff
): Promise<OpenContainer> => value(container.open(bufferSource(bytes, name)))

/** The digests of all images of a file. */
export const digestsOf = async (bytes: Uint8Array, name?: string): Promise<readonly ImageDigests[]> => {
  const open = await openBytes(bytes, name)
  const digests: ImageDigests[] = []
  for (let i = 0; i < open.images.length; i++) digests.push(await value(open.digest(i)))
  return digests
}
