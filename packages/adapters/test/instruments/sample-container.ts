import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { AcquiredImage, NativeBlock, NotCovered, OpenContainer } from '@bims/core'
import { fakeContainer } from './fake-container.ts'

/** Folder of real files, beside the project. */
const samples = new URL('../../../../../shared/samples/', import.meta.url)

/** A real file's bytes, gunzipped where it is packed; undefined where it is not there. */
export const sampleBytes = (path: string): Uint8Array | undefined => {
  const url = new URL(path, samples)
  if (!existsSync(url)) return undefined
  const bytes = readFileSync(url)
  return new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes)
}

const typeSizes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 13: 4 }

interface Tag {
  readonly directory: number
  readonly tag: number
  readonly bytes: Uint8Array
}

/** All tags of all directories of a classic TIFF; written apart from the product's own walker. */
const tagsOf = (bytes: Uint8Array): readonly Tag[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const littleEndian = bytes[0] === 0x49
  const tags: Tag[] = []
  let offset = view.getUint32(4, littleEndian)
  for (let directory = 0; offset !== 0; directory++) {
    const count = view.getUint16(offset, littleEndian)
    for (let i = 0; i < count; i++) {
      const at = offset + 2 + 12 * i
      const size = (typeSizes[view.getUint16(at + 2, littleEndian)] ?? 1) * view.getUint32(at + 4, littleEndian)
      const start = size <= 4 ? at + 8 : view.getUint32(at + 8, littleEndian)
      tags.push({ directory, tag: view.getUint16(at, littleEndian), bytes: bytes.subarray(start, start + size) })
    }
    offset = view.getUint32(offset + 2 + 12 * count, littleEndian)
  }
  return tags
}

/** Text tags and private tags of every directory. */
export const sampleBlocks = (bytes: Uint8Array): readonly NativeBlock[] => {
  const blocks: NativeBlock[] = []
  for (const { directory, tag, bytes: own } of tagsOf(bytes)) {
    if (![270, 271, 272, 305, 306, 315, 316].includes(tag) && tag < 32768) continue
    const n = blocks.filter(block => block.at.startsWith(`tiff:${directory}/${tag}`)).length
    blocks.push({
      at: `tiff:${directory}/${tag}${n === 0 ? '' : `#${n}`}`,
      tag,
      bytes: own,
      littleEndian: bytes[0] === 0x49
    })
  }
  return blocks
}

/** A container over a real file, its images given by the test. */
export const sampleContainer = (
  bytes: Uint8Array,
  images: readonly AcquiredImage[],
  notCovered: readonly NotCovered[] = []
): OpenContainer =>
  fakeContainer(sampleBlocks(bytes), images, {
    notCovered,
    values: Object.fromEntries(
      tagsOf(bytes)
        .filter(({ tag }) => tag >= 282 && tag <= 296)
        .map(({ directory, tag, bytes: own }) => [`tiff:${directory}/${tag}`, own])
    )
  })
