import { deflateSync } from 'node:zlib'
import { bytesPerElement } from '@bims/core'
import type { DType } from '@bims/core'

/** A tag of a fixture; numbers are written in the type's size. */
export interface FixtureTag {
  readonly tag: number
  readonly type: number
  readonly values?: readonly number[]
  readonly bytes?: Uint8Array
  /** Written instead of the true count. */
  readonly count?: number
  /** Written instead of the value's offset. */
  readonly offset?: number
}

/** How a page is laid out in the file; the pixels are the same whatever is chosen. */
export interface FixtureLayout {
  readonly littleEndian?: boolean
  readonly big?: boolean
  readonly rowsPerStrip?: number
  readonly tile?: readonly [width: number, height: number] | undefined
  readonly planar?: 1 | 2
  readonly compression?: 1 | 5 | 8 | 32773
  readonly predictor?: 1 | 2
  readonly fillOrder?: 1 | 2
}

/** A page: little-endian samples, row-major, samples of a pixel next to each other. */
export interface FixturePage {
  readonly width: number
  readonly height: number
  readonly samples?: number
  readonly dtype: DType
  readonly pixels: Uint8Array
  readonly tags?: readonly FixtureTag[]
  readonly subfile?: number
  readonly levels?: readonly FixturePage[]
  /** In strips, although other pages are tiled. */
  readonly stripped?: boolean
}

const sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]

const numberBytes = (value: number, size: number, littleEndian: boolean): number[] => {
  const bytes: number[] = []
  for (let i = 0, rest = value; i < size; i++, rest = Math.floor(rest / 256)) bytes.push(rest % 256)
  return littleEndian ? bytes : bytes.reverse()
}

const swapped = (bytes: Uint8Array, size: number): Uint8Array =>
  Uint8Array.from(bytes, (_, i) => bytes[i - (i % size) + size - 1 - (i % size)] as number)

/** LZW without a dictionary: clear, then literals, cleared before codes grow to ten bits. */
const literalLzw = (bytes: Uint8Array): Uint8Array => {
  const codes: number[] = []
  bytes.forEach((byte, i) => {
    if (i % 200 === 0) codes.push(256)
    codes.push(byte)
  })
  codes.push(257)
  const out = new Uint8Array(Math.ceil((codes.length * 9) / 8))
  codes.forEach((code, i) => {
    for (let bit = 0; bit < 9; bit++) {
      const at = i * 9 + bit
      if ((code >> (8 - bit)) & 1) out[at >> 3] = (out[at >> 3] as number) | (128 >> (at & 7))
    }
  })
  return out
}

/** PackBits as literal runs and, where a byte repeats, repeat runs. */
const packBits = (bytes: Uint8Array): Uint8Array => {
  const out: number[] = []
  for (let i = 0; i < bytes.length;) {
    let run = 1
    while (run < 128 && bytes[i + run] === bytes[i]) run++
    if (run > 1) out.push(257 - run, bytes[i] as number)
    else out.push(0, bytes[i] as number)
    i += run
  }
  return Uint8Array.from(out)
}

const reversed = (bytes: Uint8Array): Uint8Array =>
  bytes.map(byte => [0, 1, 2, 3, 4, 5, 6, 7].reduce((all, bit) => all | (((byte >> bit) & 1) << (7 - bit)), 0))

const compressed = (bytes: Uint8Array, compression: number): Uint8Array =>
  compression === 8
    ? deflateSync(bytes)
    : compression === 5
      ? literalLzw(bytes)
      : compression === 32773
        ? packBits(bytes)
        : bytes

const differences = (bytes: Uint8Array, rows: number, perRow: number, stride: number, size: number): Uint8Array => {
  const view = new DataView(bytes.slice().buffer)
  const read = (i: number): bigint =>
    BigInt.asUintN(
      size * 8,
      bytes.slice(i * size, (i + 1) * size).reduceRight((all, byte) => all * 256n + BigInt(byte), 0n)
    )
  for (let row = 0; row < rows; row++) {
    for (let i = perRow - 1; i >= stride; i--) {
      const difference = BigInt.asUintN(size * 8, read(row * perRow + i) - read(row * perRow + i - stride))
      for (let byte = 0; byte < size; byte++)
        view.setUint8((row * perRow + i) * size + byte, Number((difference >> BigInt(byte * 8)) & 255n))
    }
  }
  return new Uint8Array(view.buffer)
}

/** The coded strips or tiles of a page. */
const segmentsOf = (page: FixturePage, layout: FixtureLayout): readonly Uint8Array[] => {
  const samples = page.samples ?? 1
  const size = bytesPerElement[page.dtype]
  const planar = layout.planar ?? 1
  const [width, height] = layout.tile ?? [page.width, layout.rowsPerStrip ?? page.height]
  const out: Uint8Array[] = []
  for (let group = 0; group < (planar === 2 ? samples : 1); group++) {
    for (let y = 0; y < page.height; y += height) {
      for (let x = 0; x < page.width; x += width) {
        const rows = layout.tile === undefined ? Math.min(height, page.height - y) : height
        const together = planar === 2 ? 1 : samples
        const bytes = new Uint8Array(rows * width * together * size)
        for (let row = 0; row < rows && y + row < page.height; row++) {
          for (let column = 0; column < width && x + column < page.width; column++) {
            const from = (((y + row) * page.width + x + column) * samples + group) * size
            bytes.set(page.pixels.subarray(from, from + together * size), (row * width + column) * together * size)
          }
        }
        const predicted = layout.predictor === 2 ? differences(bytes, rows, width * together, together, size) : bytes
        const half = page.dtype.startsWith('complex') ? size / 2 : size
        const ordered = layout.littleEndian === false ? swapped(predicted, half) : predicted
        const coded = compressed(ordered, layout.compression ?? 1)
        out.push(layout.fillOrder === 2 ? reversed(coded) : coded)
      }
    }
  }
  return out
}

const format = (dtype: DType): number =>
  dtype.startsWith('complex') ? 6 : dtype.startsWith('float') ? 3 : dtype.startsWith('int') ? 2 : 1

/** Builds TIFF files byte by byte, with the mistakes that tests ask for. */
export const newFixture = (pages: readonly FixturePage[], common: FixtureLayout = {}): Uint8Array<ArrayBuffer> => {
  const littleEndian = common.littleEndian ?? true
  const big = common.big ?? false
  const out: number[] = []
  const word = big ? 8 : 4
  const put = (bytes: Iterable<number>): number => {
    while (out.length % 8 !== 0) out.push(0)
    const at = out.length
    for (const byte of bytes) out.push(byte)
    return at
  }
  const patch = (at: number, value: number, size: number): void =>
    numberBytes(value, size, littleEndian).forEach((byte, i) => (out[at + i] = byte))
  out.push(...(littleEndian ? [0x49, 0x49] : [0x4d, 0x4d]), ...numberBytes(big ? 43 : 42, 2, littleEndian))
  if (big) out.push(...numberBytes(8, 2, littleEndian), 0, 0)
  const firstPointer = out.length
  out.push(...new Array<number>(word).fill(0))
  const directory = (page: FixturePage): { at: number; next: number } => {
    const layout: FixtureLayout = page.stripped ? { ...common, tile: undefined } : common
    const segments = segmentsOf(page, layout)
    const offsets = segments.map(segment => put(segment))
    const levels = (page.levels ?? []).map(level => directory(level).at)
    const offsetType = big ? 16 : 4
    const samples = page.samples ?? 1
    const own: FixtureTag[] = [
      { tag: 254, type: 4, values: [page.subfile ?? 0] },
      { tag: 256, type: 4, values: [page.width] },
      { tag: 257, type: 4, values: [page.height] },
      {
        tag: 258,
        type: 3,
        values: new Array<number>(samples).fill(page.dtype === 'bool' ? 8 : bytesPerElement[page.dtype] * 8)
      },
      { tag: 259, type: 3, values: [layout.compression ?? 1] },
      { tag: 262, type: 3, values: [1] },
      ...(layout.fillOrder === undefined ? [] : [{ tag: 266, type: 3, values: [layout.fillOrder] }]),
      { tag: layout.tile === undefined ? 273 : 324, type: offsetType, values: offsets },
      { tag: 277, type: 3, values: [samples] },
      { tag: layout.tile === undefined ? 279 : 325, type: offsetType, values: segments.map(({ length }) => length) },
      { tag: 284, type: 3, values: [layout.planar ?? 1] },
      ...(layout.predictor === undefined ? [] : [{ tag: 317, type: 3, values: [layout.predictor] }]),
      ...(layout.tile === undefined
        ? [{ tag: 278, type: 4, values: [layout.rowsPerStrip ?? page.height] }]
        : [
            { tag: 322, type: 4, values: [layout.tile[0]] },
            { tag: 323, type: 4, values: [layout.tile[1]] }
          ]),
      ...(levels.length === 0 ? [] : [{ tag: 330, type: offsetType, values: levels }]),
      { tag: 339, type: 3, values: new Array<number>(samples).fill(format(page.dtype)) }
    ]
    const given = page.tags ?? []
    const all = [...own.filter(({ tag }) => !given.some(other => other.tag === tag)), ...given].sort(
      (a, b) => a.tag - b.tag
    )
    const placed = all.map(entry => {
      const bytes = [
        ...(entry.bytes ??
          (entry.values ?? []).flatMap(value => numberBytes(value, sizes[entry.type] ?? 1, littleEndian)))
      ]
      return { ...entry, raw: bytes, at: bytes.length > word ? put(bytes) : 0 }
    })
    const at = put(numberBytes(placed.length, big ? 8 : 2, littleEndian))
    for (const entry of placed) {
      out.push(...numberBytes(entry.tag, 2, littleEndian), ...numberBytes(entry.type, 2, littleEndian))
      out.push(...numberBytes(entry.count ?? entry.raw.length / (sizes[entry.type] || 1), word, littleEndian))
      const inline = [...entry.raw, 0, 0, 0, 0, 0, 0, 0, 0].slice(0, word)
      out.push(
        ...(entry.raw.length > word || entry.offset !== undefined
          ? numberBytes(entry.offset ?? entry.at, word, littleEndian)
          : inline)
      )
    }
    const next = out.length
    out.push(...new Array<number>(word).fill(0))
    return { at, next }
  }
  let pointer = firstPointer
  for (const page of pages) {
    const { at, next } = directory(page)
    patch(pointer, at, word)
    pointer = next
  }
  return Uint8Array.from(out)
}

/** Pixels that differ from each other, by a small generator. */
export const pixelsOf = (bytes: number, seed = 1): Uint8Array => {
  let state = seed >>> 0 || 1
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}

/** A page of noise. */
export const noisePage = (
  width: number,
  height: number,
  dtype: DType = 'uint16',
  samples = 1,
  seed = 1
): FixturePage => {
  const bytes = pixelsOf(width * height * samples * bytesPerElement[dtype], seed)
  return { width, height, dtype, samples, pixels: dtype === 'bool' ? bytes.map(byte => byte & 1) : bytes }
}
