import { type BimsError, fromUtf8, newError } from '@bims/core'
import { type Either, left, right } from 'fp-ts/lib/Either.js'

/** Largest log in bytes. */
export const maxLogBytes = 2 ** 24

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length

/** Reads Python source: UTF-8, a byte order mark at most, no NUL. Fails with `log-not-python`. */
export const decodeSource = (log: Uint8Array): Either<BimsError, string> => {
  const refuse = (what: string, advice: string): Either<BimsError, string> =>
    left(newError('log-not-python', what, advice))
  if (log.length > maxLogBytes)
    return refuse(
      `The log is ${log.length} bytes large; at most ${maxLogBytes} are read.`,
      'Split the log into several.'
    )
  const text = fromUtf8(log)
  if (text === undefined) return refuse('The log is not UTF-8.', 'Save it as UTF-8.')
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text
  const nul = source.indexOf('\0')
  return nul < 0
    ? right(source)
    : refuse(`The log holds a NUL character in line ${lineAt(source, nul)}.`, 'Give a log that is text.')
}
