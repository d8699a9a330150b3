import type { ValueKind } from '@bims/core'
import { type CallEffects, plainEffects } from '../../python/session/knowledge.ts'
import { hangingKinds } from './preamble.ts'

const call = (id: string, signature: readonly string[], more: Partial<CallEffects> = {}): CallEffects => ({
  ...plainEffects,
  id,
  name: id.slice(id.lastIndexOf('.') + 1),
  tool: '',
  version: '',
  signature,
  ...more
})

const each = (
  prefix: string,
  names: string,
  signature: readonly string[],
  more: Partial<CallEffects> = {}
): readonly CallEffects[] => names.split(' ').map(name => call(`${prefix}.${name}`, signature, more))

const number = { result: 'number' } as const
const view = { result: 'view' } as const
const nothing = { result: 'nothing' } as const

/** NumPy functions without an entry in the vocabulary: results are new arrays unless told otherwise. */
const numpyCalls: readonly CallEffects[] = [
  ...each(
    'numpy',
    'floor_divide remainder power matmul bitwise_and bitwise_or bitwise_xor left_shift right_shift equal not_equal maximum minimum logical_and logical_or logical_xor hypot arctan2',
    ['x1', 'x2', 'out']
  ),
  ...each(
    'numpy',
    'negative positive invert absolute abs sqrt square exp log log2 log10 log1p expm1 sin cos tan floor ceil rint trunc sign isnan isfinite isinf logical_not reciprocal',
    ['x', 'out']
  ),
  ...each('numpy', 'max min mean std var sum median prod ptp all any count_nonzero argmax argmin', ['a'], number),
  ...each('numpy', 'percentile quantile', ['a', 'q'], number),
  ...each(
    'numpy',
    'zeros_like ones_like empty_like copy ascontiguousarray nonzero argwhere unique bincount histogram cumsum',
    ['a'],
    {}
  ),
  ...each('numpy', 'zeros ones eye', ['shape', 'dtype']),
  ...each('numpy', 'full', ['shape', 'fill_value', 'dtype']),
  ...each('numpy', 'arange linspace', ['start', 'stop', 'num']),
  ...each('numpy', 'stack concatenate hstack vstack dstack', ['arrays', 'axis']),
  ...each('numpy', 'where', ['condition', 'x', 'y']),
  ...each('numpy', 'array', ['object', 'dtype']),
  ...each('numpy', 'asarray', ['a', 'dtype'], view),
  ...each(
    'numpy',
    'asanyarray ravel squeeze transpose fliplr flipud atleast_1d atleast_2d atleast_3d real imag',
    ['a'],
    view
  ),
  ...each('numpy', 'flip expand_dims', ['m', 'axis'], view),
  ...each('numpy', 'moveaxis rollaxis swapaxes', ['a', 'source', 'destination'], view),
  ...each('numpy', 'reshape broadcast_to', ['a', 'shape'], view),
  ...each('numpy', 'pad', ['array', 'pad_width', 'mode']),
  ...each('numpy', 'roll', ['a', 'shift', 'axis']),
  ...each('numpy', 'fill_diagonal', ['a', 'val'], { ...nothing, mutates: ['a'] }),
  ...each('numpy', 'copyto', ['dst', 'src'], { ...nothing, mutates: ['dst'] }),
  ...each('numpy', 'putmask', ['a', 'mask', 'values'], { ...nothing, mutates: ['a'] }),
  ...each('numpy', 'float32 float64 uint8 uint16 int8 int16 int32 int64 uint32 uint64 bool_', ['value']),
  ...each('numpy', 'round', ['a', 'decimals', 'out'])
]

const random = { states: ['random'] } as const

/** What depends on, and moves on, the state of NumPy's global generator. */
const randomCalls: readonly CallEffects[] = [
  ...each('numpy.random', 'seed', ['seed'], { ...random, ...nothing }),
  ...each('numpy.random', 'random rand randn random_sample standard_normal', ['d0', 'd1', 'd2', 'd3'], random),
  ...each('numpy.random', 'normal uniform', ['a', 'b', 'size'], random),
  ...each('numpy.random', 'poisson', ['lam', 'size'], random),
  ...each('numpy.random', 'randint', ['low', 'high', 'size', 'dtype'], random),
  ...each('numpy.random', 'permutation', ['x'], random),
  ...each('numpy.random', 'shuffle', ['x'], { ...random, ...nothing, mutates: ['x'] })
]

/** scikit-image functions whose effects are known although no executor here runs them. */
const skimageCalls: readonly CallEffects[] = [
  ...each(
    'skimage.filters',
    'threshold_li threshold_yen threshold_isodata threshold_triangle threshold_minimum threshold_mean',
    ['image'],
    number
  ),
  ...each(
    'skimage.filters',
    'threshold_local threshold_niblack threshold_sauvola prewitt scharr roberts laplace unsharp_mask difference_of_gaussians',
    ['image']
  ),
  ...each('skimage.exposure', 'equalize_adapthist adjust_gamma adjust_log adjust_sigmoid', ['image']),
  ...each('skimage.transform', 'rotate resize', ['image', 'size']),
  ...each('skimage.morphology', 'white_tophat black_tophat', ['image', 'footprint', 'out']),
  ...each('skimage.morphology', 'skeletonize remove_small_holes', ['image']),
  ...each('skimage.morphology', 'square ball diamond octahedron cube', ['size', 'dtype']),
  ...each('skimage.segmentation', 'watershed', ['image', 'markers']),
  ...each('skimage.segmentation', 'find_boundaries', ['label_img']),
  ...each('skimage.measure', 'regionprops_table', ['label_image', 'intensity_image'], { resultKind: 'table' }),
  ...each('skimage.color', 'rgb2gray label2rgb rgb2hsv', ['image'])
]

const pythonCalls: readonly CallEffects[] = [
  ...each('builtins', 'print', ['value', 'value2', 'value3', 'value4'], nothing),
  ...each('builtins', 'len int float bool str ord chr repr hash', ['value'], number),
  ...each('builtins', 'abs', ['x']),
  ...each('builtins', 'complex', ['real', 'imag'], number)
]

const open = (id: string, argument: string): CallEffects =>
  call(id, [argument], { name: 'Open', file: { mode: 'open', argument }, doc: 'Opens an image file.' })

const save = (id: string, argument: string, image: string): CallEffects =>
  call(id, [argument, image], {
    ...nothing,
    name: 'Save',
    file: { mode: 'save', argument, image },
    doc: 'Saves an image into a file.',
    settings: true
  })

const fileCalls: readonly CallEffects[] = [
  open('skimage.io.imread', 'fname'),
  open('tifffile.imread', 'files'),
  open('imageio.imread', 'uri'),
  open('imageio.v2.imread', 'uri'),
  open('imageio.v3.imread', 'uri'),
  save('skimage.io.imsave', 'fname', 'arr'),
  save('tifffile.imwrite', 'file', 'data'),
  save('imageio.imwrite', 'uri', 'im'),
  save('imageio.v2.imwrite', 'uri', 'im'),
  save('imageio.v3.imwrite', 'uri', 'image')
]

const hanging = (kind: ValueKind, id: string): CallEffects =>
  call(id, ['image'], {
    ...nothing,
    tool: 'bims',
    settings: true,
    hangs: { kind, argument: 'image' },
    doc: `Sets the ${kind} of an image; its pixels stay as they are.`
  })

const shown: readonly CallEffects[] = [
  ...hangingKinds.map(kind => hanging(kind, `bims.${kind}`)),
  ...each('matplotlib.pyplot', 'imshow', ['image'], {
    ...nothing,
    settings: true,
    hangs: { kind: 'display', argument: 'image' }
  }),
  ...each('skimage.io', 'imshow', ['image'], {
    ...nothing,
    settings: true,
    hangs: { kind: 'display', argument: 'image' }
  }),
  ...each('matplotlib.pyplot', 'show figure title colorbar axis clim tight_layout xlabel ylabel', ['value'], {
    ...nothing,
    settings: true,
    hangs: { kind: 'display', argument: 'figure' }
  }),
  ...each('skimage.io', 'show', [], { ...nothing, hangs: { kind: 'display', argument: 'figure' } })
]

/** Calls whose effects are known besides those of the scikit-image vocabulary. */
export const knownCalls: ReadonlyMap<string, CallEffects> = new Map(
  [...numpyCalls, ...randomCalls, ...skimageCalls, ...pythonCalls, ...fileCalls, ...shown].map(effects => [
    effects.id,
    effects
  ])
)

const method = (name: string, signature: readonly string[], more: Partial<CallEffects> = {}): CallEffects =>
  call(`numpy.ndarray.${name}`, ['self', ...signature], more)

const methods: readonly CallEffects[] = [
  ...'max min mean std var sum prod ptp all any argmax argmin item'.split(' ').map(name => method(name, [], number)),
  ...'copy flatten tolist nonzero tobytes cumsum round'.split(' ').map(name => method(name, [])),
  ...'ravel squeeze transpose view'.split(' ').map(name => method(name, ['a', 'b', 'c', 'd'], view)),
  method('reshape', ['a', 'b', 'c', 'd'], view),
  method('swapaxes', ['axis1', 'axis2'], view),
  method('fill', ['value'], { ...nothing, mutates: ['self'] }),
  method('sort', ['axis'], { ...nothing, mutates: ['self'] }),
  method('clip', ['min', 'max', 'out'])
]

/** Methods of arrays whose effects are known. */
export const knownMethods: ReadonlyMap<string, CallEffects> = new Map(methods.map(effects => [effects.name, effects]))

/** Functions of the vocabulary whose result may share memory with their input. */
export const viewCalls: ReadonlySet<string> = new Set([
  'numpy.rot90',
  'numpy.ndarray.__getitem__',
  'skimage.util.img_as_float',
  'skimage.util.img_as_ubyte'
])

/** Functions of the vocabulary whose result is a scalar. */
export const scalarCalls: ReadonlySet<string> = new Set(['skimage.filters.threshold_otsu'])

/** Other paths under which a function is known. */
export const otherPaths: Readonly<Record<string, string>> = {
  'numpy.true_divide': 'numpy.divide',
  'numpy.mod': 'numpy.remainder',
  'numpy.amax': 'numpy.max',
  'numpy.amin': 'numpy.min',
  'numpy.bitwise_not': 'numpy.invert',
  'numpy.abs': 'numpy.absolute',
  'skimage.img_as_float': 'skimage.util.img_as_float',
  'skimage.img_as_ubyte': 'skimage.util.img_as_ubyte',
  'skimage.filters.thresholding.threshold_otsu': 'skimage.filters.threshold_otsu'
}
