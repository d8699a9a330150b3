import { newError, toBase64, type BimsError, type NativeEntry } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { parseJsonScalars, type JsonScalar } from './json-scalars.ts'
import { decodeUtf16 } from './text.ts'

/** One block of ImageJ's metadata, by its four-letter type. */
interface ImageJItem {
  readonly type: string
  readonly index: number
  readonly bytes: Uint8Array
}

/** What tags 50838 and 50839 hold. */
export interface ImageJMetadata {
  readonly littleEndian: boolean
  readonly items: readonly ImageJItem[]
}

const mostItems = 1_000_000

const refuse = (what: string): E.Either<BimsError, never> =>
  E.left(
    newError(
      'native-malformed',
      `The ImageJ metadata is damaged: ${what}.`,
      'The block is kept as it is; open the file with ImageJ to see what it can read.'
    )
  )

const uint32 = (bytes: Uint8Array, at: number, littleEndian: boolean): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, littleEndian)

const magicOf = (bytes: Uint8Array): boolean | undefined => {
  const magic = String.fromCharCode(...bytes.subarray(0, 4))
  return magic === 'IJIJ' ? false : magic === 'JIJI' ? true : undefined
}

const typeName = (bytes: Uint8Array, at: number, littleEndian: boolean): string => {
  const code = [...bytes.subarray(at, at + 4)]
  return String.fromCharCode(...(littleEndian ? code.reverse() : code))
}

/** Types in the order of the data, one for each block; undefined where the header promises more than there are sizes. */
const typesOf = (
  data: Uint8Array,
  header: number,
  littleEndian: boolean,
  blocks: number
): readonly string[] | undefined => {
  const types: string[] = []
  for (let at = 4; at + 8 <= header; at += 8) {
    const count = uint32(data, at + 4, littleEndian)
    if (types.length + count > blocks) return undefined
    const name = typeName(data, at, littleEndian)
    for (let i = 0; i < count; i++) types.push(name)
  }
  return types.length === blocks ? types : undefined
}

const slice = (
  data: Uint8Array,
  sizes: readonly number[],
  types: readonly string[]
): readonly ImageJItem[] | undefined => {
  const counters = new Map<string, number>()
  let at = sizes[0] ?? 0
  const items: ImageJItem[] = []
  for (const [i, type] of types.entries()) {
    const size = sizes[i + 1] ?? 0
    if (at + size > data.length) return undefined
    const index = counters.get(type) ?? 0
    counters.set(type, index + 1)
    items.push({ type, index, bytes: data.subarray(at, at + size) })
    at += size
  }
  return items
}

/** The sizes, the header's first; none where there cannot be such a table. */
const tableOf = (sizes: Uint8Array, littleEndian: boolean): readonly number[] =>
  sizes.length % 4 !== 0 || sizes.length / 4 > mostItems
    ? []
    : Array.from({ length: sizes.length / 4 }, (_, i) => uint32(sizes, 4 * i, littleEndian))

/**
 * Parses ImageJ's metadata: `sizes` is the value of tag 50838 (header size, then the size of each block), `data` that of
 * tag 50839 (`IJIJ`, types and counts, blocks). Fails with `native-malformed` where they contradict each other.
 */
export const parseImageJMetadata = (sizes: Uint8Array, data: Uint8Array): E.Either<BimsError, ImageJMetadata> => {
  const littleEndian = magicOf(data)
  if (littleEndian === undefined) return refuse('no IJIJ')
  const table = tableOf(sizes, littleEndian)
  const [header] = table
  if (header === undefined) return refuse('a table of sizes that cannot be')
  if (header < 4 || header > data.length || (header - 4) % 8 !== 0) return refuse('a header size that cannot be')
  const types = typesOf(data, header, littleEndian, table.length - 1)
  if (types === undefined) return refuse('counts that do not agree with the sizes')
  const items = slice(data, table, types)
  return items === undefined ? refuse('blocks longer than the value') : E.right({ littleEndian, items })
}

/** Text lines before a JSON text, and the JSON's scalars. */
interface InfoText {
  readonly lines: readonly string[]
  readonly scalars: readonly JsonScalar[]
  readonly truncated: boolean
}

/** Splits an info text: from the first line that starts with `{` on it may be JSON, as Micro-Manager writes it. */
export const splitInfo = (text: string): InfoText => {
  const at = text.startsWith('{') ? 0 : text.indexOf('\n{') + 1
  const json = at > 0 || text.startsWith('{') ? parseJsonScalars(text.slice(at)) : undefined
  const head = json !== undefined && E.isRight(json) ? text.slice(0, at) : text
  const lines = head.split(/\r\n|\n|\r/).filter(line => line.trim() !== '')
  return json !== undefined && E.isRight(json)
    ? { lines, scalars: json.right.scalars, truncated: json.right.truncated }
    : { lines, scalars: [], truncated: false }
}

/** The info text, or undefined where there is none. */
export const infoOf = (metadata: ImageJMetadata): string | undefined => {
  const info = metadata.items.find(item => item.type === 'info')
  return info === undefined ? undefined : decodeUtf16(info.bytes, metadata.littleEndian)
}

const lineEntry = (line: string): NativeEntry => {
  const equals = line.indexOf('=')
  return equals > 0
    ? { key: `info/${line.slice(0, equals).trim()}`, value: line.slice(equals + 1) }
    : { key: 'info', value: line }
}

const infoEntries = (text: string): readonly NativeEntry[] => {
  const { lines, scalars } = splitInfo(text)
  return [...lines.map(lineEntry), ...scalars.map(({ key, value }) => ({ key: `info/${key}`, value }))]
}

const rangeEntries = (item: ImageJItem, littleEndian: boolean): readonly NativeEntry[] => {
  const view = new DataView(item.bytes.buffer, item.bytes.byteOffset, item.bytes.byteLength)
  return Array.from({ length: Math.floor(item.bytes.length / 8) }, (_, i) => ({
    key: `ranges/${Math.floor(i / 2)}/${i % 2 === 0 ? 'min' : 'max'}`,
    value: String(view.getFloat64(8 * i, littleEndian))
  }))
}

const itemEntries = (item: ImageJItem, littleEndian: boolean): readonly NativeEntry[] => {
  const { type, index, bytes } = item
  if (type === 'info') return infoEntries(decodeUtf16(bytes, littleEndian))
  if (type === 'rang') return rangeEntries(item, littleEndian)
  if (type === 'labl' || type === 'prop')
    return [{ key: `${type === 'labl' ? 'labels' : 'properties'}/${index}`, value: decodeUtf16(bytes, littleEndian) }]
  return [{ key: `${type.trim()}/${index}`, value: toBase64(bytes) }]
}

/**
 * Native entries: of an info text one a non-blank line (where it is JSON, or ends in JSON, one a scalar of that), one a
 * label, one a number of the display ranges, one a lookup table, region, overlay or other block (base64).
 */
export const imageJEntries = (metadata: ImageJMetadata): readonly NativeEntry[] =>
  metadata.items.flatMap(item => itemEntries(item, metadata.littleEndian))

/** Whether the info text is Micro-Manager's, which then reads these blocks. */
export const isMicroManagerInfo = (metadata: ImageJMetadata): boolean => {
  const info = infoOf(metadata)
  if (info === undefined) return false
  const names = new Set(splitInfo(info).scalars.map(scalar => scalar.path[0]))
  return (
    names.has('MicroManagerVersion') ||
    (names.has('PixelType') && (names.has('Exposure-ms') || names.has('PixelSize_um') || names.has('Core-Camera')))
  )
}
