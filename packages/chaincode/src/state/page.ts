import { inflateSync } from 'node:zlib'
import { ledgerLimits, newError, splitPage, type BimsError } from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'

const advice = 'Send the contents, each ended by a line feed, as one zlib stream in the transient map under "page".'

const inflate = (compressed: Uint8Array): Uint8Array | undefined => {
  try {
    const result: unknown = inflateSync(compressed, {
      maxOutputLength: ledgerLimits.bytesPerTransaction + ledgerLimits.recordsPerTransaction,
      info: true
    })
    if (typeof result !== 'object' || result === null) return undefined
    const buffer: unknown = Reflect.get(result, 'buffer')
    const engine: unknown = Reflect.get(result, 'engine')
    const consumed: unknown =
      typeof engine === 'object' && engine !== null ? Reflect.get(engine, 'bytesWritten') : undefined
    // Bytes behind the stream would stand in the state unchecked.
    return buffer instanceof Uint8Array && consumed === compressed.length ? buffer : undefined
  } catch {
    return undefined
  }
}

/**
 * The contents of a compressed page, in order. The client compresses, because endorsers' own compressors may differ.
 * Fails with `transaction-malformed`.
 */
export const openPage = (compressed: Uint8Array): E.Either<BimsError, readonly Uint8Array[]> => {
  const page = inflate(compressed)
  if (page === undefined) {
    return E.left(
      newError(
        'transaction-malformed',
        `The page is not one zlib stream of at most ${ledgerLimits.bytesPerTransaction} bytes.`,
        advice
      )
    )
  }
  const contents = splitPage(page)
  return contents === undefined
    ? E.left(newError('transaction-malformed', 'The page does not end with a line feed.', advice))
    : E.right(contents)
}
