/** Operators as NumPy's functions. */
export const operatorNames: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '//': 'floor_divide',
  '%': 'remainder',
  '**': 'power',
  '@': 'matmul',
  '&': 'bitwise_and',
  '|': 'bitwise_or',
  '^': 'bitwise_xor',
  '<<': 'left_shift',
  '>>': 'right_shift',
  '>': 'greater',
  '>=': 'greater_equal',
  '<': 'less',
  '<=': 'less_equal',
  '==': 'equal',
  '!=': 'not_equal'
}

/** Unary operators as NumPy's functions. */
export const unaryNames: Readonly<Record<string, string>> = { '-': 'negative', '+': 'positive', '~': 'invert' }
