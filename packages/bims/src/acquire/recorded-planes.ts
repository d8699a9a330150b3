import type { OmeDescription, TiffImageData } from '@bims/adapters/containers/tiff'
import { bytesPerElement, type DType, type Elements, type Quantity, type Setting } from '@bims/core'
import type { RecordedAcquisition } from './recorder.ts'

const views: Readonly<Record<DType, (buffer: ArrayBufferLike) => Elements>> = {
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

async function* planes({
  image,
  planes: count,
  readPlane
}: RecordedAcquisition): AsyncGenerator<Elements, void, undefined> {
  for (let plane = 0; plane < count; plane++) {
    const bytes = await readPlane(plane)
    yield views[image.dtype](
      bytes.byteLength % bytesPerElement[image.dtype] === 0 && bytes.byteOffset === 0
        ? bytes.buffer
        : Uint8Array.from(bytes).buffer
    )
  }
}

/** The planes of a recorded acquisition as a writer takes them, one at a time from the journal. */
export const recordedPlanes = (recorded: RecordedAcquisition): TiffImageData => ({
  axes: recorded.image.axes,
  shape: recorded.image.shape,
  dtype: recorded.image.dtype,
  planes: planes(recorded)
})

const quantityIn = (setting: Setting | undefined): Quantity | undefined => {
  if (typeof setting !== 'object') return undefined
  if ('unit' in setting) return setting
  return 'measured' in setting || 'set' in setting ? quantityIn(setting.measured ?? setting.set) : undefined
}

/** What the OME-XML of a recorded acquisition says, for readers that know nothing of BIMS. */
export const recordedOme = ({ image, sealed }: RecordedAcquisition): OmeDescription => {
  const { acquiredAt, channels } = sealed.acquisition.record
  const { x, y, z } = { x: image.pixelSize?.['x'], y: image.pixelSize?.['y'], z: image.pixelSize?.['z'] }
  return {
    pixelSize: { ...(x && { x }), ...(y && { y }), ...(z && { z }) },
    ...(channels.length === 0
      ? {}
      : {
          channels: channels.map(({ name, path }) => {
            const [excitation, emission] = [quantityIn(path['excitation']), quantityIn(path['emission'])]
            return {
              ...(name === undefined ? {} : { name }),
              ...(excitation && { excitation }),
              ...(emission && { emission })
            }
          })
        }),
    ...(acquiredAt === undefined ? {} : { acquiredAt: `${acquiredAt.local}${acquiredAt.offset ?? ''}` })
  }
}
