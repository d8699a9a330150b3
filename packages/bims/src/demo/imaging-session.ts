import type { JsonValue } from '@bims/core'
import type { Bims } from '../bims.ts'
import type { Logged, LogSession } from '../log/session.ts'

/** The images of the demo's session. */
export interface DemoSession {
  readonly log: LogSession
  readonly crop: Logged
  /** The image of interest. */
  readonly cells: Logged
  /** Another image, which does not matter for it. */
  readonly edges: Logged
}

const largest = 1024

/** The key that takes the middle of the first plane, at most 1024 × 1024, whatever other axes an image has. */
const cropKey = (axes: readonly string[], shape: readonly number[]): JsonValue => {
  const middle = (length: number): JsonValue => {
    const taken = Math.min(length, largest)
    const from = Math.floor((length - taken) / 2)
    return [from, from + taken, null]
  }
  return axes.map((axis, i) => (axis === 'y' || axis === 'x' ? middle(shape[i] ?? 1) : 0))
}

/**
 * The imaging session of the demo on an image file: it finds the bright objects of a micrograph. Really executed and
 * logged; over three images, with steps that are undone, overwritten, or only change the display.
 */
export const runSession = async (bims: Bims, file: string, logFile: string): Promise<DemoSession> => {
  const log = bims.log({ host: { name: 'bims demo viewer', version: '1.0' }, file: logFile })
  const raw = log.open('raw', file)
  const { array, axes } = await raw.pixels()
  const crop = await log.step(
    'numpy.ndarray.__getitem__',
    { self: raw },
    { key: cropKey(axes, array.shape) },
    undefined,
    { as: 'crop' }
  )
  log.set(crop, 'display', { min: 0, max: 4000, colormap: 'grey' })
  // The image of interest begins …
  const smooth = await log.step('skimage.filters.gaussian', { image: crop }, { sigma: 1.5 }, undefined, {
    as: 'smooth',
    origins: { sigma: 'interactive' }
  })
  // … another image on the side …
  const first = await log.step('skimage.filters.sobel', { image: smooth }, {}, undefined, { as: 'edges' })
  const edges = await log.step('skimage.exposure.rescale_intensity', { image: first }, {}, undefined, { as: 'edges' })
  const level = await log.step('skimage.filters.threshold_otsu', { image: smooth }, {}, undefined, { as: 'level' })
  const mask = await log.step('numpy.greater', { x1: smooth, x2: level }, {}, undefined, { as: 'mask' })
  // … a step too far, taken back …
  const eroded = await log.step('skimage.morphology.erosion', { image: mask }, {}, undefined, { as: 'mask' })
  const restored = (await log.undo(eroded, mask)) ?? mask
  const opened = await log.step('skimage.morphology.opening', { image: restored }, {}, undefined, { as: 'mask' })
  const cleaned = await log.step(
    'skimage.morphology.remove_small_objects',
    { ar: opened },
    { max_size: 40 },
    undefined,
    { as: 'mask', origins: { max_size: 'typed' } }
  )
  // … a look at the contrast, which nothing later uses …
  const flat = await log.step('skimage.exposure.equalize_hist', { image: crop }, {}, undefined, { as: 'flat' })
  log.set(flat, 'display', { min: 0, max: 1 })
  // … and labels, made twice.
  await log.step('skimage.measure.label', { label_image: cleaned }, { connectivity: 1 }, undefined, { as: 'cells' })
  const labels = await log.step('skimage.measure.label', { label_image: cleaned }, { connectivity: 2 }, undefined, {
    as: 'cells'
  })
  const cells = await log.step('numpy.ndarray.astype', { self: labels }, { dtype: 'uint16' }, undefined, {
    as: 'cells'
  })
  log.set(cells, 'display', { colormap: 'labels' })
  await log.settled()
  return { log, crop, cells, edges }
}
