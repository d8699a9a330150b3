import { left, right } from 'fp-ts/lib/Either.js'
import { type CountableType, countableTypes } from '../array/dtype.ts'
import type { ParameterRule } from './parameter-rule.ts'

/** Other names that NumPy takes for a type, on machines of 64 bits. */
const otherNames: Readonly<Record<string, CountableType>> = {
  '?': 'bool',
  bool_: 'bool',
  u1: 'uint8',
  ubyte: 'uint8',
  i1: 'int8',
  byte: 'int8',
  u2: 'uint16',
  ushort: 'uint16',
  i2: 'int16',
  short: 'int16',
  u4: 'uint32',
  uintc: 'uint32',
  i4: 'int32',
  intc: 'int32',
  u8: 'uint64',
  uint: 'uint64',
  i8: 'int64',
  int: 'int64',
  f4: 'float32',
  single: 'float32',
  f8: 'float64',
  double: 'float64',
  float: 'float64'
}

/** A type by its name in NumPy. */
export const dtypeRule = (rule: {
  readonly doc: string
  readonly default?: CountableType
}): ParameterRule<CountableType> => ({
  ...rule,
  type: 'data-type',
  parse: value => {
    if (typeof value !== 'string') return left('must be the name of a type')
    const found = countableTypes.find(dtype => dtype === value)
    if (found !== undefined) return right(found)
    const other = Object.hasOwn(otherNames, value) ? otherNames[value] : undefined
    return other === undefined ? left(`must be one of ${countableTypes.join(', ')}`) : right(other)
  }
})
