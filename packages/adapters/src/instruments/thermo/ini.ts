import { newError, type BimsError, type NativeText, type StoredNative } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { parseKeyLines, type KeyLine } from '../native/key-lines.ts'
import { decodeText } from '../native/text.ts'

/** Id of the native text. */
export const thermoIni = 'thermo-ini'

/** A block of settings as read. */
export interface ThermoIni {
  readonly lines: readonly KeyLine[]
  readonly charset: string
  /** Non-blank lines that are neither a section nor an entry. */
  readonly other: number
}

const refuse = (what: string): E.Either<BimsError, never> =>
  E.left(newError('native-malformed', what, 'The block is kept as it is; look at it with a text editor.'))

/** Parses the INI text of tag 34682 or 34680. Fails with `native-malformed` where there is no entry, or too many. */
export const parseIni = (bytes: Uint8Array): E.Either<BimsError, ThermoIni> => {
  const { text, charset } = decodeText(bytes)
  const read = parseKeyLines(text)
  if (read === undefined) return refuse('The FEI settings hold more lines than any microscope writes.')
  return read.lines.length === 0 ? refuse('The FEI settings hold no key=value line.') : E.right({ ...read, charset })
}

/** Parses stored blocks again. */
export const parseStored = (blocks: readonly StoredNative[]): readonly E.Either<BimsError, NativeText['entries']>[] =>
  blocks.map(block =>
    E.map((ini: ThermoIni) => ini.lines.map(({ key, value }) => ({ key, value })))(parseIni(block.bytes))
  )
