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

/** The strings of one table, each a byte that continues another string. */
const newTable = () => {
  const prefix = new Uint16Array(mostCodes)
  const last = Uint8Array.from({ length: mostCodes }, (_, i) => i)
  const first = last.slice()
  const lengths = new Uint16Array(mostCodes).fill(1)
  let size = 258
  const lengthOf = (code: number): number => lengths[code] ?? 1
  return {
    size: () => size,
    clear: (): void => {
      size = 258
    },
    /** Adds the string before with the first byte of the one that follows, which may be the new string itself. */
    add: (before: number, code: number): void => {
      if (size === mostCodes) return
      prefix[size] = before
      lengths[size] = lengthOf(before) + 1
      first[size] = first[before] as number
      last[size] = first[code === size ? before : code] as number
      size++
    },
    /** Writes a string, as far as it fits, and returns its length. */
    write: (code: number, out: Uint8Array, at: number): number => {
      let link = code
      for (let to = at + lengthOf(code) - 1; to >= at; to--) {
        out[to] = last[link] as number
        link = prefix[link] as number
      }
      return lengthOf(code)
    }
  }
}

const widthFor = (size: number): number => (size < 512 ? 9 : size < 1024 ? 10 : size < 2048 ? 11 : 12)

/** A string that is there, or the one that comes next; after a clear only a single byte. */
const checkCode = (code: number, size: number, previous: number): void => {
  if (previous < 0 ? code > 255 : code > size || code === mostCodes) {
    malformed(`An LZW strip or tile holds the code ${code}, which cannot be there.`)
  }
}

/**
 * Decodes LZW as TIFF has it, up to `most` bytes. Throws `tiff-malformed` on a code that cannot be.
 * Own code because no library lets its output be bounded (docs/decisions/tiff-decoders.md).
 */
export const decodeLzw = (bytes: Uint8Array, most: number): Uint8Array => {
  const lowFirst = bytes[0] === 0 && ((bytes[1] ?? 0) & 1) === 1
  // TIFF widens codes one too early, the old form does not.
  const early = lowFirst ? 0 : 1
  const nextCode = newCodes(bytes, lowFirst)
  const table = newTable()
  const out = new Uint8Array(most)
  let [written, previous] = [0, -1]
  while (written < most) {
    const code = nextCode(widthFor(table.size() + early))
    if (code === endCode) break
    if (code === clearCode) {
      table.clear()
      previous = -1
      continue
    }
    checkCode(code, table.size(), previous)
    if (previous >= 0) table.add(previous, code)
    written += table.write(code, out, written)
    previous = code
  }
  return out.subarray(0, Math.min(written, most))
}
