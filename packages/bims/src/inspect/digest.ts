import type { ManifestImage } from '@bims/core'
import { manifestImages, withImage, type Watch } from '../files/open-image.ts'

/** Digests of every image in a file, as in a manifest. Rejects with `file-missing`, `container-unknown`, `tiff-malformed`. */
export const digest = async (file: string, watch: Watch = {}): Promise<{ readonly images: readonly ManifestImage[] }> =>
  withImage(file, async opened => ({ images: await manifestImages(opened, watch) }))
