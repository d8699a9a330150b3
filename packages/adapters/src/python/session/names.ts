import { dtypes } from '@bims/core'
import type { Literal } from '../literal.ts'

/** Element types that Python's own types stand for. */
export const typeNames: Readonly<Record<string, string>> = {
  float: 'float64',
  int: 'int64',
  bool: 'bool',
  complex: 'complex128'
}

/** Constants of libraries by their path. */
export const constants: Readonly<Record<string, Literal>> = {
  'numpy.nan': { value: { $type: 'float64', text: 'NaN' }, type: 'float' },
  'numpy.inf': { value: { $type: 'float64', text: 'Infinity' }, type: 'float' },
  'math.nan': { value: { $type: 'float64', text: 'NaN' }, type: 'float' },
  'math.inf': { value: { $type: 'float64', text: 'Infinity' }, type: 'float' },
  'numpy.pi': { value: Math.PI, type: 'float' },
  'math.pi': { value: Math.PI, type: 'float' }
}

/** An element type that a path such as `numpy.uint8` names. */
export const dtypeOf = (path: string): Literal | undefined => {
  const name = path.startsWith('numpy.') ? path.slice('numpy.'.length) : ''
  const dtype = dtypes.find(one => one === name || (name === 'bool_' && one === 'bool'))
  return dtype === undefined ? undefined : { value: dtype, type: 'dtype' }
}

/** Names that Python itself gives. */
export const pythonBuiltins: ReadonlySet<string> = new Set([
  'abs',
  'all',
  'any',
  'ascii',
  'bin',
  'bool',
  'bytes',
  'callable',
  'chr',
  'complex',
  'dict',
  'divmod',
  'enumerate',
  'filter',
  'float',
  'format',
  'frozenset',
  'hash',
  'hex',
  'id',
  'input',
  'int',
  'isinstance',
  'iter',
  'len',
  'list',
  'map',
  'max',
  'min',
  'next',
  'object',
  'oct',
  'open',
  'ord',
  'pow',
  'print',
  'range',
  'repr',
  'reversed',
  'round',
  'set',
  'slice',
  'sorted',
  'str',
  'sum',
  'super',
  'tuple',
  'type',
  'zip',
  'Ellipsis',
  'NotImplemented',
  '__name__',
  '__file__',
  '__doc__',
  'exit',
  'quit',
  'help',
  'getattr',
  'hasattr',
  'issubclass',
  'property',
  'staticmethod',
  'classmethod',
  'memoryview',
  'bytearray',
  'aiter',
  'anext',
  'breakpoint',
  'dir',
  'Exception',
  'BaseException',
  'ValueError',
  'TypeError',
  'KeyError',
  'IndexError',
  'RuntimeError',
  'OSError'
])
