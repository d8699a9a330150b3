import { jpegFrame } from './jpeg.ts'

/** What a compression does to the samples of a strip or tile. */
export type Coding = 'lossless' | 'jpeg' | 'jpeg2000' | 'jpegxr' | 'webp'

const jpeg2000: ReadonlySet<number> = new Set([33003, 33004, 33005, 34712])
const jpegXr: ReadonlySet<number> = new Set([22610, 34934])
const webp: ReadonlySet<number> = new Set([34927, 50001])
const jpeg: ReadonlySet<number> = new Set([7, 33007, 34892])

/** Whether tiles of a compression must be looked at to tell a lossy coding. */
export const mayBeLossy = (compression: number): boolean =>
  [jpeg, jpeg2000, jpegXr, webp].some(family => family.has(compression))

const indexOf = (bytes: Uint8Array, high: number, low: number): number => {
  for (let i = 0; i + 1 < bytes.length; i++) if (bytes[i] === high && bytes[i + 1] === low) return i
  return -1
}

/** JPEG 2000: the transformation in the COD marker segment; 0 is the irreversible 9-7 wavelet. */
const jpeg2000Coding = (bytes: Uint8Array): Coding => {
  const codestream = indexOf(bytes, 0xff, 0x4f)
  const at = codestream < 0 ? -1 : indexOf(bytes.subarray(codestream), 0xff, 0x52)
  return at >= 0 && bytes[codestream + at + 13] === 1 ? 'lossless' : 'jpeg2000'
}

/** WebP: `VP8 ` is lossy, `VP8L` is not; the extended form holds one of them further on. */
const webpCoding = (bytes: Uint8Array): Coding => {
  let at = 12
  while (at + 8 <= bytes.length) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4))
    if (name === 'VP8 ') return 'webp'
    if (name === 'VP8L') return 'lossless'
    const size = new DataView(bytes.buffer, bytes.byteOffset + at + 4, 4).getUint32(0, true)
    at += 8 + size + (size % 2)
  }
  return 'webp'
}

/** Tells how one coded strip or tile was coded. */
export const codingOf = (compression: number, bytes: Uint8Array): Coding => {
  if (jpeg.has(compression)) return jpegFrame(bytes)?.process === 3 ? 'lossless' : 'jpeg'
  if (jpeg2000.has(compression)) return jpeg2000Coding(bytes)
  if (jpegXr.has(compression)) return 'jpegxr'
  return webp.has(compression) ? webpCoding(bytes) : 'lossless'
}
