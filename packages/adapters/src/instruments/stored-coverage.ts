import { coverage, type BimsError, type Coverage, type CoveredAcquisition, type StoredNative } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { parseNative } from './registry.ts'

/**
 * Counts coverage over the acquisitions of a file: `carried` by parsing the stored attachments again.
 *
 * @param acquisitions - As they were read from the file ({@link assembleAcquisitions}).
 * @param stored - For each acquisition the bytes of its native attachments, in the order of its `native`, as read back
 * from where they are stored: the bundle, or the address in the image file. A block that does not parse counts nothing.
 */
export const storedCoverage = (
  acquisitions: readonly CoveredAcquisition[],
  stored: readonly (readonly StoredNative[])[]
): TE.TaskEither<BimsError, Coverage> =>
  pipe(
    stored,
    TE.traverseSeqArray(parseNative),
    TE.map(parsed =>
      coverage(
        acquisitions,
        parsed.map(blocks => blocks.map(E.getOrElseW(() => [])))
      )
    )
  )
