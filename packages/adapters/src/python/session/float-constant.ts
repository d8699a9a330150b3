import type { Expression } from '../syntax.ts'
import type { Literal } from '../literal.ts'
import type { StepContext } from './perform.ts'

type Call = Expression & { readonly kind: 'call' }

const floatTexts: Readonly<Record<string, string>> = {
  nan: 'NaN',
  inf: 'Infinity',
  '-inf': '-Infinity',
  infinity: 'Infinity',
  '-infinity': '-Infinity'
}

/** The one argument of a plain call of Python's own `float`. */
const floatArgument = (context: StepContext, expression: Call): Expression | undefined => {
  const { variables, imports } = context.state.scope
  const isFloat =
    expression.callee.kind === 'name' &&
    expression.callee.name === 'float' &&
    !variables.has('float') &&
    !imports.has('float')
  return isFloat && expression.keywords.length === 0 && expression.positional.length === 1
    ? expression.positional[0]
    : undefined
}

const floatText = (context: StepContext, expression: Expression): string | undefined => {
  if (expression.kind === 'unary' && expression.operator === '-') {
    const inner = floatText(context, expression.operand)
    return inner === 'Infinity' ? '-Infinity' : inner === '-Infinity' ? 'Infinity' : inner
  }
  const argument = expression.kind === 'call' ? floatArgument(context, expression) : undefined
  const text = argument?.kind === 'literal' ? argument.literal.value : undefined
  return typeof text === 'string' ? floatTexts[text.trim().toLowerCase()] : undefined
}

/** `float('nan')` and the like are constants, and the only way to write them without an import. */
export const floatConstant = (context: StepContext, expression: Expression): Literal | undefined => {
  const text = floatText(context, expression)
  return text === undefined ? undefined : { value: { $type: 'float64', text }, type: 'float' }
}
