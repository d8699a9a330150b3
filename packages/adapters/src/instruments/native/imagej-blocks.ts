import { newError, type BimsError, type NativeBlock, type NativeEntry, type StoredNative } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { imageJEntries, parseImageJMetadata, type ImageJMetadata } from './imagej-metadata.ts'

/** Tags 50838 and 50839 of one directory. */
export interface ImageJBlocks {
  readonly sizes: NativeBlock
  readonly data: NativeBlock
  readonly metadata: E.Either<BimsError, ImageJMetadata>
}

const directoryOf = (block: NativeBlock): string => block.at.slice(0, block.at.indexOf('/'))

/** Finds the pairs of tags 50838 and 50839, one a directory. */
export const imageJBlocks = (blocks: readonly NativeBlock[]): readonly ImageJBlocks[] =>
  blocks
    .filter(block => block.tag === 50839)
    .flatMap(data => {
      const sizes = blocks.find(block => block.tag === 50838 && directoryOf(block) === directoryOf(data))
      return sizes === undefined ? [] : [{ sizes, data, metadata: parseImageJMetadata(sizes.bytes, data.bytes) }]
    })

/** Parses a stored tag 50839 again with the stored tag 50838 that stands before it. */
export const parseStoredMetadata = (
  blocks: readonly StoredNative[],
  at: number,
  sizesFormat: string
): E.Either<BimsError, readonly NativeEntry[]> => {
  const sizes = blocks.slice(0, at).findLast(block => block.format === sizesFormat)
  const data = blocks[at]
  return sizes === undefined || data === undefined
    ? E.left(
        newError(
          'native-malformed',
          'The sizes of the ImageJ metadata are missing.',
          'Give both blocks, the sizes first.'
        )
      )
    : pipe(parseImageJMetadata(sizes.bytes, data.bytes), E.map(imageJEntries))
}
