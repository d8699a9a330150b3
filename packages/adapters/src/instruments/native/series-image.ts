import type { AcquiredImage, OpenContainer } from '@bims/core'

/** The data images of a container in series order: the full resolution of each series. */
export const seriesImages = (
  container: OpenContainer
): readonly { readonly series: number; readonly image: AcquiredImage }[] => {
  const seen = new Map<number, AcquiredImage>()
  for (const { series, role, axes, shape, dtype } of container.images) {
    if (role === 'data' && !seen.has(series)) seen.set(series, { axes, shape, dtype })
  }
  return [...seen].sort(([a], [b]) => a - b).map(([series, image]) => ({ series, image }))
}

/** The form of the container's first image; an image without axes where there is none. */
export const firstImage = (container: OpenContainer): AcquiredImage =>
  seriesImages(container)[0]?.image ?? { axes: [], shape: [], dtype: 'uint8' }
