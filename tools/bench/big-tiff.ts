import { open } from 'node:fs/promises'

/** Shape of a file made by {@link writeBigTiff}. */
export interface BigTiffRequest {
  readonly width: number
  readonly height: number
  /** Sparse: the pixels are a hole of the file, zeros without a place on the disk. */
  readonly sparse: boolean
}

const rowsPerStrip = 256

const entry = (tag: number, type: number, count: number, value: number): Buffer => {
  const bytes = Buffer.alloc(20)
  bytes.writeUInt16LE(tag, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.writeBigUInt64LE(BigInt(count), 4)
  bytes.writeBigUInt64LE(BigInt(value), 12)
  return bytes
}

/** Writes a BigTIFF of one grey 16-bit image in plain strips: pixels, then the strips' tables, then the directory. */
export const writeBigTiff = async (path: string, { width, height, sparse }: BigTiffRequest): Promise<void> => {
  const strips = Math.ceil(height / rowsPerStrip)
  const stripBytes = width * 2 * rowsPerStrip
  const pixelBytes = width * height * 2
  const tables = 16 + pixelBytes
  const offsets = BigUint64Array.from({ length: strips }, (_, i) => BigInt(16 + i * stripBytes))
  const counts = BigUint64Array.from({ length: strips }, (_, i) =>
    BigInt(Math.min(stripBytes, pixelBytes - i * stripBytes))
  )
  const directory = tables + 16 * strips
  const short = 3
  const long8 = 16
  const entries = [
    ...[entry(256, long8, 1, width), entry(257, long8, 1, height), entry(258, short, 1, 16), entry(259, short, 1, 1)],
    ...[entry(262, short, 1, 1), entry(273, long8, strips, tables), entry(277, short, 1, 1)],
    ...[entry(278, long8, 1, rowsPerStrip), entry(279, long8, strips, tables + 8 * strips), entry(339, short, 1, 1)]
  ]
  const header = Buffer.alloc(16)
  header.write('II')
  header.writeUInt16LE(43, 2)
  header.writeUInt16LE(8, 4)
  header.writeBigUInt64LE(BigInt(directory), 8)
  const count = Buffer.alloc(8)
  count.writeBigUInt64LE(BigInt(entries.length))
  const file = await open(path, 'w')
  try {
    await file.write(header, 0, header.length, 0)
    if (!sparse) await writeNoise(file, pixelBytes)
    await file.write(Buffer.from(offsets.buffer), 0, 8 * strips, tables)
    await file.write(Buffer.from(counts.buffer), 0, 8 * strips, tables + 8 * strips)
    const tail = Buffer.concat([count, ...entries, Buffer.alloc(8)])
    await file.write(tail, 0, tail.length, directory)
    await file.sync()
  } finally {
    await file.close()
  }
}

const writeNoise = async (file: Awaited<ReturnType<typeof open>>, length: number): Promise<void> => {
  const block = new Uint32Array(2 ** 18)
  let state = 1
  for (let at = 0; at < length; at += block.byteLength) {
    for (let i = 0; i < block.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      block[i] = state
    }
    await file.write(new Uint8Array(block.buffer), 0, Math.min(block.byteLength, length - at), 16 + at)
  }
}
