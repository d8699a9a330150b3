import { fromUtf8 } from '@bims/core'

/** Text of a native block and the charset by which it was read. */
interface DecodedText {
  readonly text: string
  readonly charset: 'utf-8' | 'iso-8859-1'
}

const latin1 = (bytes: Uint8Array): string => {
  let text = ''
  for (let i = 0; i < bytes.length; i += 0x2000) text += String.fromCharCode(...bytes.subarray(i, i + 0x2000))
  return text
}

/** Without the NULs with which TIFF ends a text. */
const withoutTrailingNuls = (bytes: Uint8Array): Uint8Array => {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return bytes.subarray(0, end)
}

/**
 * Native text: UTF-8 where it is that, else ISO 8859-1, which takes every byte and gives every byte back.
 * Trailing NULs and a byte order mark are left out.
 */
export const decodeText = (bytes: Uint8Array): DecodedText => {
  const body = withoutTrailingNuls(bytes)
  const text = fromUtf8(body)
  return text === undefined
    ? { text: latin1(body), charset: 'iso-8859-1' }
    : { text: text.startsWith('\uFEFF') ? text.slice(1) : text, charset: 'utf-8' }
}

/** UTF-16 of a given byte order, without a byte order mark; an odd last byte is left out. */
export const decodeUtf16 = (bytes: Uint8Array, littleEndian: boolean): string => {
  const low = littleEndian ? 0 : 1
  let text = ''
  const units: number[] = []
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    units.push((bytes[i + low] ?? 0) | ((bytes[i + 1 - low] ?? 0) << 8))
    if (units.length === 0x2000) text += String.fromCharCode(...units.splice(0))
  }
  return text + String.fromCharCode(...units)
}
