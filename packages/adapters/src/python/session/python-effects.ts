import type { CallEffects } from './knowledge.ts'

export const pythonEffects = (id: string, name: string, doc: string, more: Partial<CallEffects>): CallEffects => ({
  id,
  name,
  tool: 'python',
  version: '',
  doc,
  signature: ['value'],
  parameters: [],
  mutates: [],
  result: 'view',
  states: [],
  ...more
})

/** `b = a`: both names stand for one object. */
export const assign = pythonEffects('python.assign', 'Assign', 'Gives a value another name.', {})
export const revert = pythonEffects('python.revert', 'Undo', 'Gives a name the value again that it had before.', {
  result: 'nothing'
})
export const remove = pythonEffects('python.del', 'Delete', 'Removes a name.', { signature: [], result: 'nothing' })
export const setItem = pythonEffects('numpy.ndarray.__setitem__', 'Set part', 'Sets a part of an image in place.', {
  tool: 'numpy',
  signature: ['self', 'key', 'value'],
  mutates: ['self'],
  result: 'nothing'
})

export const inPlace = (name: string): CallEffects =>
  pythonEffects(`numpy.ndarray.__i${name}__`, `In-place ${name}`, `Changes an image in place (${name}).`, {
    tool: 'numpy',
    signature: ['self', 'value', 'key'],
    mutates: ['self'],
    result: 'nothing'
  })

/** Names of the in-place operators' methods, where they differ from those of NumPy's functions. */
export const inPlaceNames: Readonly<Record<string, string>> = {
  subtract: 'sub',
  multiply: 'mul',
  divide: 'truediv',
  floor_divide: 'floordiv',
  remainder: 'mod',
  power: 'pow',
  bitwise_and: 'and',
  bitwise_or: 'or',
  bitwise_xor: 'xor',
  left_shift: 'lshift',
  right_shift: 'rshift'
}
