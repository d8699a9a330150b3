import { images, main, most, nextSeed, of, shapes, small, volumes } from './case-images.ts'
import { newImage } from './images.ts'
import type { Call } from './reference-process.ts'

const intensities = [
  ...of('skimage.exposure.rescale_intensity', 'image', images(most), [{}]),
  ...of('skimage.exposure.rescale_intensity', 'image', images(most, [[5, 6]]), [
    { in_range: [10, 200] },
    { in_range: [0, 1.5], out_range: [0, 255] },
    { out_range: 'uint8' },
    { out_range: 'image' },
    { in_range: 'dtype' },
    { in_range: 'uint8', out_range: 'uint16' },
    { in_range: 'uint10', out_range: 'uint12' },
    { in_range: [5, 5] },
    { out_range: 'float32' },
    { out_range: [-1, 1] },
    { in_range: 'float', out_range: 'float' },
    { out_range: 'int16' }
  ])
]

const equalizations = [
  ...of('skimage.exposure.equalize_hist', 'image', images([...main, 'float64', 'int16'], [...shapes, [3, 5, 9]]), [
    {},
    { nbins: 5 }
  ]),
  ...images(
    [...main, 'float64'],
    [
      [5, 6],
      [17, 23]
    ]
  ).map(image => ({
    id: 'skimage.exposure.equalize_hist',
    parameters: {},
    inputs: { image, mask: newImage('bool', image.shape, 'levels', nextSeed()) }
  }))
]

const padModes = ['reflect', 'constant', 'edge', 'symmetric', 'wrap']
const rescalings = [
  ...of('skimage.transform.rescale', 'image', images(most), [{ scale: 0.5 }, { scale: 1.7 }]),
  ...of('skimage.transform.rescale', 'image', images(['bool'], shapes), [
    { scale: 0.5 },
    { scale: 2, order: 0 },
    { scale: 0.5, anti_aliasing: true },
    { scale: 2, order: 1 }
  ]),
  ...of('skimage.transform.rescale', 'image', images(main, [...small, [2, 2]]), [
    ...[0, 1, 2, 3, 4, 5].flatMap(order => [
      { scale: 0.5, order },
      { scale: 2.3, order },
      { scale: [0.7, 1.9], order }
    ]),
    ...[0, 1, 3].flatMap(order =>
      padModes.flatMap(mode => [
        { scale: 0.6, order, mode },
        { scale: 1.9, order, mode }
      ])
    ),
    ...[1, 3].map(order => ({ scale: 1.9, order, mode: 'constant', cval: -5 })),
    { scale: 1 },
    { scale: 2.1, order: 3, clip: false },
    { scale: 0.5, preserve_range: true },
    { scale: 0.4, anti_aliasing: false },
    { scale: 0.4, anti_aliasing: true, order: 0 },
    { scale: 0.4, anti_aliasing_sigma: 2 },
    { scale: 0.01 }
  ]),
  ...of('skimage.transform.rescale', 'image', images(main, volumes), [
    { scale: 0.5 },
    { scale: 1.6, channel_axis: -1 },
    { scale: [0.5, 2], channel_axis: 0, order: 3 },
    { scale: [2, 1.3, 0.8] }
  ])
]

const conversions = [
  ...of('skimage.util.img_as_float', 'image', images(most), [{}]),
  ...of(
    'skimage.util.img_as_ubyte',
    'image',
    [
      ...images(most),
      ...images(['float32', 'float64'], [[5, 6]]).map(image => newImage(image.dtype, [16, 17], 'unit', nextSeed()))
    ],
    [{}]
  ),
  ...of('skimage.util.invert', 'image', images(most), [{}, { signed_float: true }])
]

/** Calls of exposure, rescaling and conversions. */
export const exposureCalls: readonly Call[] = [...intensities, ...equalizations, ...rescalings, ...conversions]
