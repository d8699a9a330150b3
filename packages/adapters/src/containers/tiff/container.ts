import type { ByteSource, Container, ContainerImage, OpenContainer } from '@bims/core'
import { attempt, fail } from '../../sources/attempt.ts'
import { embedBundle, stripBundle } from './bundle/embed.ts'
import { placeOf } from './bundle/place.ts'
import { readBundle } from './bundle/read.ts'
import { readAt, readNative } from './native.ts'
import { readImage } from './pixels/array.ts'
import { digestImage } from './pixels/digest.ts'
import type { TiffImage } from './pixels/image.ts'
import { readImages } from './series/series.ts'
import { readDirectory } from './structure/directory.ts'
import { readPages } from './structure/page.ts'
import { openReader } from './structure/reader.ts'

const imageAt = (images: readonly TiffImage[], index: number): TiffImage =>
  images[index] ??
  fail('usage', `There is no image ${index}; the file has ${images.length}.`, 'Ask for an index from 0.')

const toContainerImage = ({ axes, dtype, name, role, series, shape, storedAxes }: TiffImage): ContainerImage => ({
  name,
  series,
  role,
  axes,
  shape,
  ...(storedAxes === undefined ? {} : { storedAxes }),
  dtype
})

const openTiff = async (source: ByteSource): Promise<OpenContainer> => {
  const reader = await openReader(source)
  const pages = await readPages(reader)
  const { images, notCovered } = await readImages(reader, pages)
  const place = await placeOf(reader, pages)
  return {
    format: 'tiff',
    images: images.map(toContainerImage),
    notCovered,
    place,
    native: () => attempt(() => readNative(reader, pages.directories)),
    bytesAt: at => attempt(() => readAt(reader, pages.directories, at)),
    digest: (index, options) => attempt(async () => digestImage(reader, imageAt(images, index), options)),
    readArray: (index, options) => attempt(async () => readImage(reader, imageAt(images, index), options?.signal)),
    bundle: () =>
      attempt(async () => readBundle(reader, await readDirectory(reader, reader.firstDirectory, 'Directory 0')))
  }
}

/**
 * TIFF, classic and BigTIFF, of either byte order: reads directories by ranges, never the file as a whole.
 * Opening fails with `tiff-malformed` (all damaged places in `issues`).
 */
export const tiff: Container = {
  format: 'tiff',
  title: 'TIFF, BigTIFF and OME-TIFF',
  recognises: head => {
    const order = head[0] === head[1] && (head[0] === 0x49 || head[0] === 0x4d)
    const [high, low] = head[0] === 0x4d ? [head[2], head[3]] : [head[3], head[2]]
    return order && high === 0 && (low === 42 || low === 43)
  },
  open: source => attempt(() => openTiff(source)),
  embed: (file, bundle) => attempt(() => embedBundle(file, bundle)),
  strip: file => attempt(() => stripBundle(file))
}
