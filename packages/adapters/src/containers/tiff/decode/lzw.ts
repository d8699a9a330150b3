import { malformed } from '../structure/reader.ts'

const clearCode = 256
const endCode = 257
const mostCodes = 4096

/** Reads codes of 9 to 12 bits; the old form of LZW (before TIFF 5) has the lowest bit first. */
const newCodes = (bytes: Uint8Array, lowFirst: boolean): ((width: number) => number) => {
  let position = 0
  let held = 0
  let bits = 0
  return width => {
    while (bits < width) {
      if (position >= bytes.length) return endCode
      const next = bytes[position++] as number
      held = lowFirst ? held | (next << bits) : ((held << 8) | next) & 0xffffff
      bits += 8
    }
    bits -= width
    const code = lowFirst ? held & ((1 << width) - 1) : (held >> bits) & ((1 << width) - 1)
    if (lowFirst) held >>>= width
    return code
  }
}

/** The table of strings as chains: each ends in one byte and continues another. */
const newTable = () => ({
  prefix: new Uint16Array(mostCodes),
  last: Uint8Array.from({ length: mostCodes }, (_, i) => i),
  length: Uint16Array.from({ length: mostCodes }, () => 1)
})

/**
 * Decodes LZW as TIFF has it, up to `most` bytes. Throws `tiff-malformed` on a code that cannot be.
 * Own code because no library lets its output be bounded (docs/decisions/tiff-decoders.md).
 */
export const decodeLzw = (bytes: Uint8Array, most: number): Uint8Array => {
  const lowFirst = bytes[0] === 0 && ((bytes[1] ?? 0) & 1) === 1
  const early = lowFirst ? 0 : 1
  const nextCode = newCodes(bytes, lowFirst)
  const { last, length, prefix } = newTable()
  const out = new Uint8Array(most)
  let [written, size, width, previous] = [0, 258, 9, -1]
  const emit = (code: number): number => {
    const run = length[code] as number
    let at = written + run - 1
    for (let link = code; at >= written; at--) {
      if (at < most) out[at] = last[link] as number
      link = prefix[link] as number
    }
    const first = written < most ? (out[written] as number) : 0
    written += run
    return first
  }
  while (written < most) {
    const code = nextCode(width)
    if (code === endCode) break
    if (code === clearCode) {
      ;[size, width, previous] = [258, 9, -1]
      continue
    }
    if (code > size || (code === size && previous < 0) || (previous < 0 && code > 255)) {
      malformed(`An LZW strip or tile holds the code ${code}, which cannot be there.`)
    }
    if (previous >= 0 && size < mostCodes) {
      prefix[size] = previous
      length[size] = (length[previous] as number) + 1
      let first = code === size ? previous : code
      while ((length[first] as number) > 1) first = prefix[first] as number
      last[size] = last[first] as number
      size++
    }
    emit(code)
    previous = code
    if (size + early >= 1 << width && width < 12) width++
  }
  return written < most ? out.subarray(0, written) : out
}
