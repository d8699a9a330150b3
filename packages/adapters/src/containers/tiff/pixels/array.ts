import { bytesPerElement } from '@bims/core'
import type { DType, Elements, NdArray } from '@bims/core'
import { swapBytes } from '../decode/unpack.ts'
import { unsupported, type TiffReader } from '../structure/reader.ts'
import { checkExtent } from './digest.ts'
import { pixelBytes, planeRow, type TiffImage } from './image.ts'
import { decodeRows, pickSample } from './rows.ts'

const littleEndianHost = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Most bytes of an array in memory. */
const largestArray = 4 * 1024 ** 3

const elements: Readonly<Record<DType, (buffer: ArrayBuffer) => Elements>> = {
  bool: buffer => new Uint8Array(buffer),
  uint8: buffer => new Uint8Array(buffer),
  int8: buffer => new Int8Array(buffer),
  uint16: buffer => new Uint16Array(buffer),
  int16: buffer => new Int16Array(buffer),
  uint32: buffer => new Uint32Array(buffer),
  int32: buffer => new Int32Array(buffer),
  uint64: buffer => new BigUint64Array(buffer),
  int64: buffer => new BigInt64Array(buffer),
  float16: buffer => new Uint16Array(buffer),
  float32: buffer => new Float32Array(buffer),
  float64: buffer => new Float64Array(buffer),
  complex64: buffer => new Float32Array(buffer),
  complex128: buffer => new Float64Array(buffer)
}

/** Little-endian bytes as elements of this machine. */
export const toElements = (bytes: Uint8Array<ArrayBuffer>, dtype: DType): Elements => {
  const size = bytesPerElement[dtype] / (dtype.startsWith('complex') ? 2 : 1)
  const native = littleEndianHost || size === 1 ? bytes : new Uint8Array(swapBytes(bytes, size))
  return elements[dtype](native.buffer)
}

/**
 * Decodes one image whole into memory, in its digest axes. Throws `tiff-malformed`, `tiff-unsupported` (also past
 * 4 GiB), `interrupted`.
 */
export const readImage = async (reader: TiffReader, image: TiffImage, signal?: AbortSignal): Promise<NdArray> => {
  checkExtent(reader, image)
  const total = pixelBytes(image)
  if (total > largestArray)
    unsupported(`Image ${image.name} takes ${total} bytes, too many to be held in memory at once.`)
  const bytes = new Uint8Array(total)
  const [rowBytes, size] = [planeRow(image), bytesPerElement[image.dtype]]
  for await (const rows of decodeRows(reader, image, signal)) {
    for (let i = 0; i < rows.samples; i++) {
      const plane = rows.source.plane + (rows.sample + i) * image.sampleStride
      const samples = rows.samples === 1 ? rows.bytes : pickSample(rows.bytes, i, rows.samples, size)
      bytes.set(samples, (plane * image.layout.height + rows.y) * rowBytes)
    }
  }
  return { shape: image.shape, dtype: image.dtype, data: toElements(bytes, image.dtype) }
}
