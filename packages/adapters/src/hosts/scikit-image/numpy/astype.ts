import { right } from 'fp-ts/lib/Either.js'
import { cast } from '../array/cast.ts'
import { dtypeRule } from '../call/dtype-rule.ts'
import { anyImage } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { fixed, flag } from '../call/parameter-rule.ts'

/** `numpy.ndarray.astype`. */
export const asType = newOperation({
  id: 'numpy.ndarray.astype',
  name: 'Change type',
  tool: 'numpy',
  doc: 'Converts values to another type as C does: floats are cut off towards zero, integers wrap around.',
  signature: ['self', 'dtype', 'order', 'casting', 'subok', 'copy'],
  images: { self: { ...anyImage, scalar: true } },
  parameters: {
    dtype: dtypeRule({ doc: 'Type of the result.' }),
    order: fixed('K', 'str', 'arrays are row-major'),
    casting: fixed('unsafe', 'str', 'values are converted in any case'),
    subok: fixed(true, 'bool', 'there are no subclasses'),
    copy: flag({ default: true, doc: 'Results are new arrays in any case.' })
  },
  compute: ({ self }, { dtype }) => right(cast(self, dtype))
})
