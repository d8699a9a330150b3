import {
  newError,
  type AcquiredImage,
  type ContainerImage,
  type NativeBlock,
  type NotCovered,
  type OpenContainer
} from '@bims/core'
import * as TE from 'fp-ts/lib/TaskEither.js'

/** A container of which only images and native blocks exist; instrument formats need no more. */
export const fakeContainer = (
  blocks: readonly NativeBlock[],
  images: readonly AcquiredImage[] = [{ axes: ['y', 'x'], shape: [4, 6], dtype: 'uint8' }],
  more: { readonly notCovered?: readonly NotCovered[]; readonly values?: Readonly<Record<string, Uint8Array>> } = {}
): OpenContainer => {
  const absent = TE.left(newError('tiff-malformed', 'There is no such tag.', 'None.'))
  return {
    format: 'tiff',
    images: images.map((image, series): ContainerImage => ({ name: String(series), series, role: 'data', ...image })),
    notCovered: more.notCovered ?? [],
    place: { kind: 'embedded' },
    native: () => TE.right(blocks),
    bytesAt: at => {
      const bytes = more.values?.[at] ?? blocks.find(block => block.at === at)?.bytes
      return bytes === undefined ? absent : TE.right(bytes)
    },
    digest: () => absent,
    readArray: () => absent,
    bundle: () => TE.right(undefined)
  }
}

/** A native block of directory 0. */
export const block = (tag: number, bytes: Uint8Array, at = `tiff:0/${tag}`, littleEndian = true): NativeBlock => ({
  at,
  tag,
  bytes,
  littleEndian
})

/** UTF-8 text with the NUL that TIFF puts behind it. */
export const ascii = (text: string): Uint8Array => new TextEncoder().encode(`${text}\u0000`)

/** UTF-16 of a byte order. */
export const utf16 = (text: string, littleEndian: boolean): Uint8Array => {
  const bytes = new Uint8Array(2 * text.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), littleEndian)
  return bytes
}

/** Tags 50838 and 50839 out of items, written as ImageJ writes them. */
export const imageJMetadata = (
  items: readonly { readonly type: string; readonly bytes: Uint8Array }[],
  littleEndian: boolean
): { readonly sizes: Uint8Array; readonly data: Uint8Array } => {
  const types = [...new Set(items.map(item => item.type))]
  const header = new Uint8Array(4 + 8 * types.length)
  const view = new DataView(header.buffer)
  const word = (text: string): number => [...text].reduce((value, c) => value * 256 + c.charCodeAt(0), 0)
  view.setUint32(0, word('IJIJ'), littleEndian)
  types.forEach((type, i) => {
    view.setUint32(4 + 8 * i, word(type), littleEndian)
    view.setUint32(8 + 8 * i, items.filter(item => item.type === type).length, littleEndian)
  })
  const ordered = types.flatMap(type => items.filter(item => item.type === type))
  const sizes = new Uint8Array(4 * (ordered.length + 1))
  const table = new DataView(sizes.buffer)
  ;[header.length, ...ordered.map(item => item.bytes.length)].forEach((size, i) =>
    table.setUint32(4 * i, size, littleEndian)
  )
  const data = new Uint8Array(header.length + ordered.reduce((sum, item) => sum + item.bytes.length, 0))
  data.set(header)
  let at = header.length
  for (const item of ordered) {
    data.set(item.bytes, at)
    at += item.bytes.length
  }
  return { sizes, data }
}
