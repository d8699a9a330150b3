import { unsignedBytes } from '../structure/reader.ts'
import { typeSizes } from '../structure/tags.ts'

/** A tag with its value bytes, little-endian. */
export interface Field {
  readonly tag: number
  readonly type: number
  readonly bytes: Uint8Array
}

/** SHORT values. */
export const shorts = (tag: number, ...values: readonly number[]): Field => ({
  tag,
  type: 3,
  bytes: new Uint8Array(values.flatMap(value => [...unsignedBytes(value, 2, true)]))
})

/** One LONG value. */
export const long = (tag: number, value: number): Field => ({ tag, type: 4, bytes: unsignedBytes(value, 4, true) })

/** One offset or byte count: LONG, in BigTIFF LONG8. */
export const offset = (tag: number, value: number, big: boolean): Field =>
  big ? { tag, type: 16, bytes: unsignedBytes(value, 8, true) } : long(tag, value)

/** One RATIONAL value, by its fraction over a million. */
export const rational = (tag: number, value: number): Field => {
  const scale = value > 4000 ? 1 : 1_000_000
  const numerator = Math.max(1, Math.min(0xffffffff, Math.round(value * scale)))
  return {
    tag,
    type: 5,
    bytes: new Uint8Array([...unsignedBytes(numerator, 4, true), ...unsignedBytes(scale, 4, true)])
  }
}

/** Text in UTF-8 with its closing NUL. */
export const text = (tag: number, value: string): Field => ({
  tag,
  type: 2,
  bytes: new TextEncoder().encode(`${value}\0`)
})

const even = (length: number, word: number): number => Math.ceil(length / word) * word

/** The bytes of a directory at an offset, its long values behind it; the next one follows at a multiple of 8. */
export const directoryBytes = (fields: readonly Field[], at: number, big: boolean, isLast: boolean): Uint8Array => {
  const [countSize, entrySize, slot, word] = big ? [8, 20, 8, 8] : [2, 12, 4, 2]
  const sorted = [...fields].sort((a, b) => a.tag - b.tag)
  const tableLength = countSize + sorted.length * entrySize + slot
  const outside = sorted.filter(({ bytes }) => bytes.length > slot)
  const start = even(tableLength, word)
  const total = outside.reduce((length, { bytes }) => length + even(bytes.length, word), start)
  const out = new Uint8Array(total)
  out.set(unsignedBytes(sorted.length, countSize, true), 0)
  let value = start
  sorted.forEach(({ bytes, tag, type }, i) => {
    const entry = countSize + i * entrySize
    out.set(unsignedBytes(tag, 2, true), entry)
    out.set(unsignedBytes(type, 2, true), entry + 2)
    out.set(unsignedBytes(bytes.length / (typeSizes[type] || 1), slot, true), entry + 4)
    if (bytes.length <= slot) {
      out.set(bytes, entry + 4 + slot)
      return
    }
    out.set(unsignedBytes(at + value, slot, true), entry + 4 + slot)
    out.set(bytes, value)
    value += even(bytes.length, word)
  })
  out.set(unsignedBytes(isLast ? 0 : even(at + total, 8), slot, true), tableLength - slot)
  return out
}
