import { borders, images, main, most, nextSeed, of, shapes, small, volumes } from './case-images.ts'
import { newImage } from './images.ts'
import type { Call } from './reference-process.ts'

const gaussians = [
  ...of('skimage.filters.gaussian', 'image', images(most), [{}, { sigma: 2.5 }]),
  ...of('skimage.filters.gaussian', 'image', images(main, small), [
    { sigma: 0 },
    { sigma: [0, 1.3] },
    { sigma: [2, 0.7], truncate: 2.5 },
    { preserve_range: true },
    ...borders.map(mode => ({ mode, sigma: 1.7 })),
    { mode: 'constant', cval: 3, sigma: 4 }
  ]),
  ...of('skimage.filters.gaussian', 'image', images(main, volumes), [
    {},
    { channel_axis: -1, sigma: 1.2 },
    { channel_axis: 0, sigma: [1, 2] }
  ]),
  ...of('skimage.filters.gaussian', 'image', images(['uint8', 'float32'], [[9, 40, 3], [6]]), [{ sigma: 1.5 }])
]

const medians = [
  ...of('skimage.filters.median', 'image', images(most), [{}]),
  ...of('skimage.filters.median', 'image', images(most, small), [
    {
      footprint: [
        [0, 1, 0],
        [1, 1, 1],
        [0, 1, 0]
      ]
    },
    {
      footprint: [
        [1, 1],
        [1, 1]
      ]
    },
    { footprint: [[1]] },
    { footprint: [[1, 1]] },
    {
      footprint: [
        [1, 0, 1],
        [0, 0, 0],
        [1, 1, 0],
        [1, 1, 1]
      ]
    }
  ]),
  ...of(
    'skimage.filters.median',
    'image',
    images(main, [
      [5, 6],
      [31, 37]
    ]),
    [
      { footprint: Array.from({ length: 11 }, () => new Array<number>(11).fill(1)) },
      ...borders.map(mode => ({ mode, footprint: Array.from({ length: 5 }, () => new Array<number>(7).fill(1)) })),
      ...borders.map(mode => ({ mode })),
      { mode: 'constant', cval: 7 }
    ]
  ),
  ...of('skimage.filters.median', 'image', images(main, volumes), [{}, { mode: 'wrap' }])
]

const sobels = [
  ...of('skimage.filters.sobel', 'image', images(most), [{}]),
  ...of('skimage.filters.sobel', 'image', images(main, small), [
    { axis: 0 },
    { axis: 1 },
    { axis: [0] },
    { axis: [1, 0] },
    ...borders.map(mode => ({ mode })),
    { mode: 'constant', cval: 2.5 }
  ]),
  ...of('skimage.filters.sobel', 'image', images(main, [...volumes, [7]]), [{}]),
  ...images(main, small).map(image => ({
    id: 'skimage.filters.sobel',
    inputs: { image, mask: newImage('bool', image.shape, 'levels', nextSeed()) },
    parameters: {}
  }))
]

const otsus = of(
  'skimage.filters.threshold_otsu',
  'image',
  images([...main, 'float64', 'int16', 'int8'], [...shapes, [3, 5, 9]]),
  [{}, { nbins: 7 }]
)

/** Calls of filters. */
export const filterCalls: readonly Call[] = [...gaussians, ...medians, ...sobels, ...otsus]
