import { malformed, unsupported } from '../structure/reader.ts'
import { decodeForeign, type ForeignForm } from './foreign.ts'

/** The frame header of a JPEG stream. */
export interface JpegFrame {
  /** The SOF marker's number, 0 to 15; 3 is lossless. */
  readonly process: number
  readonly bits: number
  readonly width: number
  readonly height: number
  readonly components: number
}

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** Finds the frame header of a JPEG stream, or undefined where there is none. */
export const jpegFrame = (bytes: Uint8Array): JpegFrame | undefined => {
  let at = 2
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1] as number
    const short = (from: number): number => ((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0)
    if (isFrame(marker)) {
      const [height, width] = [short(at + 5), short(at + 7)]
      return { process: marker & 15, bits: bytes[at + 4] ?? 0, width, height, components: bytes[at + 9] ?? 0 }
    }
    const alone = marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)
    at += marker === 0xff ? 1 : alone ? 2 : 2 + Math.max(2, short(at + 2))
  }
  return undefined
}

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : Math.round(value))

/** YCbCr to RGB in place (JFIF 1.02). */
const toRgb = (pixels: Uint8Array): Uint8Array => {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const [y, cb, cr] = [pixels[i] as number, (pixels[i + 1] as number) - 128, (pixels[i + 2] as number) - 128]
    pixels[i] = clamp(y + 1.402 * cr)
    pixels[i + 1] = clamp(y - 0.344136 * cb - 0.714136 * cr)
    pixels[i + 2] = clamp(y + 1.772 * cb)
  }
  return pixels
}

/**
 * Decodes an 8-bit JPEG strip or tile into samples next to each other, YCbCr turned into RGB; decoders differ by a
 * few levels, hence the coded digest. Throws `tiff-malformed`, `tiff-unsupported`.
 */
export const decodeJpeg = async (bytes: Uint8Array, form: ForeignForm, photometric: number): Promise<Uint8Array> => {
  const frame = jpegFrame(bytes) ?? malformed('A JPEG strip or tile has no frame header.')
  if (frame.process > 2 || frame.bits !== 8) unsupported(`A JPEG strip or tile has process ${frame.process} and ${frame.bits} bits.`)
  // The decoder allocates what the frame claims: it may claim no more than the strip or tile (padded to whole blocks).
  if (frame.width > form.width + 64 || frame.height > form.height + 64 || frame.components !== form.samples) {
    malformed(`A JPEG strip or tile claims ${frame.width} × ${frame.height} × ${frame.components} samples.`)
  }
  const pixels = await decodeForeign(7, bytes, form)
  const rows = Math.min(frame.height, form.height)
  if (frame.width === form.width) return photometric === 6 ? toRgb(pixels) : pixels
  const [from, to] = [frame.width * form.samples, form.width * form.samples]
  const out = new Uint8Array(form.height * to)
  for (let y = 0; y < rows; y++) out.set(pixels.subarray(y * from, y * from + Math.min(from, to)), y * to)
  return photometric === 6 ? toRgb(out) : out
}
