import { gzipSync } from 'node:zlib'

const blockSize = 512

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`

/** The header of a plain file in POSIX.1-1988 (ustar) form, with nothing in it that differs from one day to the next. */
const headerOf = (name: string, size: number): Buffer => {
  const header = Buffer.alloc(blockSize)
  header.write(name, 0)
  header.write(octal(0o644, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(size, 12), 124)
  header.write(octal(0, 12), 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\0' + '00', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** Packs small files, names of at most 99 ASCII characters, into a gzipped tar archive; the same bytes every time. */
export const tarGzip = (files: Readonly<Record<string, Uint8Array>>): Buffer => {
  const parts = Object.entries(files).flatMap(([name, bytes]) => [
    headerOf(name, bytes.length),
    bytes,
    Buffer.alloc((blockSize - (bytes.length % blockSize)) % blockSize)
  ])
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * blockSize)]))
}
