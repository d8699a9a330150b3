"""Runs calls of scikit-image and NumPy for reference.test.ts.

Standard input: messages of a 4-byte little-endian length, so many bytes of JSON
{id, arrays: [{name, dtype, shape}], parameters} and the arrays' bytes, little-endian and row-major.
Standard output: answers of the same form, {dtype, shape} and the bytes of the result, or {error}.
"""

import json
import re
import struct
import sys
import warnings

import numpy as np
import skimage
import skimage.exposure
import skimage.filters
import skimage.measure
import skimage.morphology
import skimage.transform
import skimage.util

FLOAT = re.compile(r'^[+-]?((\d+\.\d*|\.\d+)(e[+-]?\d+)?|\d+e[+-]?\d+|inf|nan)$', re.I)


def value_of(value):
    if isinstance(value, str) and FLOAT.match(value):
        return float(value)
    if isinstance(value, list):
        return tuple(value_of(v) for v in value)
    return value


def resolve(name):
    at = {'skimage': skimage, 'numpy': np}[name.split('.')[0]]
    for part in name.split('.')[1:]:
        at = getattr(at, part)
    return at


def run(name, arrays, parameters):
    values = {k: np.array(v) if k == 'footprint' and v is not None else value_of(v) for k, v in parameters.items()}
    if name == 'numpy.ndarray.__getitem__':
        key = tuple(k if isinstance(k, int) else slice(None) if k is None else slice(*k) for k in values['key'])
        return arrays['self'][key]
    if name == 'numpy.ndarray.astype':
        return arrays['self'].astype(**values)
    if name in ('numpy.add', 'numpy.subtract', 'numpy.multiply', 'numpy.divide', 'numpy.greater',
                'numpy.greater_equal', 'numpy.less', 'numpy.less_equal'):
        both = {**values, **arrays}
        return resolve(name)(both['x1'], both['x2'])
    # The first array by position: decorators of the library that move the channel axis pass over keywords.
    first, *rest = arrays or [None]
    if first is None:
        return resolve(name)(**values)
    return resolve(name)(arrays[first], **{k: arrays[k] for k in rest}, **values)


def read_exactly(n):
    data = sys.stdin.buffer.read(n)
    if len(data) < n:
        sys.exit(0)
    return data


def main():
    warnings.simplefilter('ignore')
    np.seterr(all='ignore')
    while True:
        header = json.loads(read_exactly(struct.unpack('<I', read_exactly(4))[0]))
        arrays = {}
        for a in header['arrays']:
            dtype = np.dtype(a['dtype'])
            count = int(np.prod(a['shape'], dtype=int))
            arrays[a['name']] = np.frombuffer(bytearray(read_exactly(count * dtype.itemsize)), dtype).reshape(a['shape'])
        try:
            result = np.asarray(run(header['id'], arrays, header['parameters']))
            answer, data = {'dtype': result.dtype.name, 'shape': list(result.shape)}, np.ascontiguousarray(result).tobytes()
        except Exception as error:
            answer, data = {'error': f'{type(error).__name__}: {error}'}, b''
        text = json.dumps({**answer, 'bytes': len(data)}).encode()
        sys.stdout.buffer.write(struct.pack('<I', len(text)) + text + data)
        sys.stdout.buffer.flush()


if len(sys.argv) > 1 and sys.argv[1] == 'version':
    import scipy

    print(skimage.__version__, scipy.__version__, np.__version__)
else:
    main()
