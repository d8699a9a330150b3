import { newError } from '@bims/core'
import type { BimsError, ByteSource, Container } from '@bims/core'
import { left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** A container format that is loaded when a file needs it. */
export interface LazyContainer {
  readonly format: string
  /** Decides by the first 16 bytes (fewer only if the file is shorter) and the name, without loading the format. */
  readonly recognises: (head: Uint8Array, name: string) => boolean
  readonly load: () => Promise<Container>
}

const startsWith = (head: Uint8Array, ...bytes: readonly number[]): boolean =>
  bytes.every((byte, i) => head[i] === byte)

/** All container formats, in the order in which they are asked. */
export const containers: readonly LazyContainer[] = [
  {
    format: 'tiff',
    recognises: head =>
      [42, 43].some(magic => startsWith(head, 0x49, 0x49, magic, 0) || startsWith(head, 0x4d, 0x4d, 0, magic)),
    load: async () => (await import('./tiff/container.ts')).tiff
  }
]

/** Finds the container format of a source by its first bytes and name. Fails with `container-unknown`, `file-io`. */
export const detectContainer =
  (source: ByteSource, known: readonly LazyContainer[] = containers): TaskEither<BimsError, Container> =>
  async () => {
    const head = await source.read(0, Math.min(16, source.size))()
    if (head._tag === 'Left') return head
    const found = known.find(({ recognises }) => recognises(head.right, source.name))
    return found === undefined
      ? left(
          newError(
            'container-unknown',
            `No container format recognises ${source.name}.`,
            'Use one of: TIFF, BigTIFF, OME-TIFF.'
          )
        )
      : right(await found.load())
  }
