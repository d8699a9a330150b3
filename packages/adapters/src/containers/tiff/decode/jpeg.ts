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

/** Markers without a length: a fill byte, TEM, RST0 to 7, SOI. */
const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0
const shortAt = (bytes: Uint8Array, at: number): number => (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1)

/** Bytes from one marker to the next. */
const markerLength = (bytes: Uint8Array, at: number): number => {
  const marker = byteAt(bytes, at + 1)
  if (marker === 0xff) return 1
  return isAlone(marker) ? 2 : 2 + Math.max(2, shortAt(bytes, at + 2))
}

/** Finds the frame header of a JPEG stream, or undefined where there is none. */
export const jpegFrame = (bytes: Uint8Array): JpegFrame | undefined => {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += markerLength(bytes, at)) {
    const marker = byteAt(bytes, at + 1)
    if (!isFrame(marker)) continue
    return {
      process: marker & 15,
      bits: byteAt(bytes, at + 4),
      width: shortAt(bytes, at + 7),
      height: shortAt(bytes, at + 5),
      components: byteAt(bytes, at + 9)
    }
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

/** The decoder allocates what the frame claims: no more than the strip or tile, padded to whole blocks. */
const checkFrame = (frame: JpegFrame, form: ForeignForm): void => {
  if (frame.process > 2 || frame.bits !== 8)
    unsupported(`A JPEG strip or tile has process ${frame.process} and ${frame.bits} bits.`)
  if (frame.width > form.width + 64 || frame.height > form.height + 64 || frame.components !== form.samples) {
    malformed(`A JPEG strip or tile claims ${frame.width} × ${frame.height} × ${frame.components} samples.`)
  }
}

/** Rows of one width laid into rows of another. */
const fitted = (pixels: Uint8Array, frame: JpegFrame, form: ForeignForm): Uint8Array => {
  const [from, to] = [frame.width * form.samples, form.width * form.samples]
  const out = new Uint8Array(form.height * to)
  const rows = Math.min(frame.height, form.height)
  for (let y = 0; y < rows; y++) out.set(pixels.subarray(y * from, y * from + Math.min(from, to)), y * to)
  return out
}

/**
 * Decodes an 8-bit JPEG strip or tile into samples next to each other, YCbCr turned into RGB; decoders differ by a
 * few levels, hence the coded digest. Throws `tiff-malformed`, `tiff-unsupported`.
 */
export const decodeJpeg = async (bytes: Uint8Array, form: ForeignForm, photometric: number): Promise<Uint8Array> => {
  const frame = jpegFrame(bytes) ?? malformed('A JPEG strip or tile has no frame header.')
  checkFrame(frame, form)
  const pixels = fitted(await decodeForeign(7, bytes, form), frame, form)
  return photometric === 6 ? toRgb(pixels) : pixels
}
