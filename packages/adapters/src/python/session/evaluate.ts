import type { JsonValue } from '@bims/core'
import type { Expression, Span } from '../syntax.ts'
import { isRewiringName } from '../reach.ts'
import type { Computation, GivenArgument } from './call-arguments.ts'
import { floatConstant } from './float-constant.ts'
import { openCall, openInput } from './files.ts'
import type { CallEffects } from './knowledge.ts'
import { report } from './log-state.ts'
import { constants, dtypeOf, pythonBuiltins, typeNames } from './names.ts'
import { operatorNames, unaryNames } from './operators.ts'
import { perform, type StepContext } from './perform.ts'
import type { Binding } from './scope.ts'
import { emptyNotes } from './step-notes.ts'
import { bindingsOf, runsCode, type Value } from './value.ts'

const textOf = (context: StepContext, span: Span): string => context.block.source.slice(span.start, span.end)

/** Line in the whole log. */
const lineOf = ({ block }: StepContext, span: Span): number => span.line + block.firstLine - 1

/** Steps within an expression have the code of their own part, and no notes of the block but those on parameters. */
const nestedContext = (context: StepContext, span: Span): StepContext => ({
  ...context,
  code: textOf(context, span),
  notes: {
    ...emptyNotes,
    docs: context.notes.docs,
    types: context.notes.types,
    units: context.notes.units,
    origins: context.notes.origins
  }
})

/** The dotted path that an expression names through imports; undefined where its root is a variable or no name. */
export const pathOf = (context: StepContext, expression: Expression): string | undefined => {
  if (expression.kind === 'attribute') {
    const path = pathOf(context, expression.object)
    return path === undefined ? undefined : `${path}.${expression.name}`
  }
  if (expression.kind !== 'name') return undefined
  const { scope, knowledge } = context.state
  if (scope.variables.has(expression.name)) return undefined
  return scope.imports.get(expression.name) ?? (knowledge.isModule(expression.name) ? expression.name : undefined)
}

const code = (context: StepContext, span: Span, bindings: readonly Binding[] = [], calls = false): Value => ({
  kind: 'code',
  text: textOf(context, span),
  bindings,
  calls
})

const ofVariable = (variable: string, binding: Binding): Value =>
  binding.literal === undefined
    ? { kind: 'binding', binding, variable }
    : { kind: 'literal', literal: binding.literal, variable, binding }

/** A name that nothing in the log binds: an input, a problem, or what unknown code may have bound. */
const unboundName = (context: StepContext, name: string, span: Span): Value => {
  const { state } = context
  if (state.knowledge.unbound === 'input')
    return { kind: 'binding', binding: openInput(state, name, undefined, context.notes), variable: name }
  if (!state.unknownNames) report(state, lineOf(context, span), `the name ${JSON.stringify(name)} is not defined`)
  return code(context, span, [], true)
}

const evaluateName = (context: StepContext, name: string, span: Span): Value => {
  const binding = context.state.scope.variables.get(name)
  if (binding !== undefined) return ofVariable(name, binding)
  const type = typeNames[name]
  if (type !== undefined && !context.state.scope.imports.has(name))
    return { kind: 'literal', literal: { value: type, type: 'dtype' } }
  if (context.state.scope.imports.has(name) || context.state.knowledge.isModule(name)) return code(context, span)
  if (isRewiringName(name)) {
    rewire(context)
    return code(context, span, [], true)
  }
  return pythonBuiltins.has(name) ? code(context, span) : unboundName(context, name, span)
}

type Attribute = Expression & { readonly kind: 'attribute' }

/** From here on nobody knows what the names of libraries mean. */
const rewire = (context: StepContext): void => {
  context.state.rewired = true
}

/** What `image.shape` is; a view such as `image.T` is a computation. */
const evaluateAttribute = (context: StepContext, expression: Attribute): Value => {
  const path = pathOf(context, expression)
  if (isRewiringName(expression.name)) rewire(context)
  if (path !== undefined) {
    const literal = constants[path] ?? dtypeOf(path)
    return literal === undefined ? code(context, expression) : { kind: 'literal', literal }
  }
  const object = evaluate(context, expression.object)
  return code(context, expression, bindingsOf(object), runsCode(object))
}

const viewEffects: CallEffects = {
  id: '',
  name: '',
  tool: 'numpy',
  version: '',
  doc: '',
  signature: ['self'],
  parameters: [],
  mutates: [],
  result: 'view',
  states: []
}

/** `image.T` is a step: a view of the image. */
const attributeComputation = (context: StepContext, expression: Attribute): Computation | undefined => {
  const { name } = expression
  if (
    pathOf(context, expression) !== undefined ||
    isRewiringName(name) ||
    context.state.knowledge.attribute(name) === 'number'
  )
    return undefined
  const object = evaluate(context, expression.object)
  if (object.kind !== 'binding') return undefined
  const id = `numpy.ndarray.${name}`
  return {
    id,
    effects: { ...viewEffects, id, name },
    arguments: [{ keyword: 'self', value: object }],
    everything: false
  }
}

type Subscript = Expression & { readonly kind: 'subscript' }
type Call = Expression & { readonly kind: 'call' }

const isConstant = (value: Value): boolean =>
  value.kind === 'literal' || (value.kind === 'code' && value.bindings.length === 0 && !value.calls)

const isNumeric = (value: Value): boolean =>
  isConstant(value) || (value.kind === 'binding' && value.binding.kind === 'number')

/** Arithmetic on numbers gives a number. */
const operation = (context: StepContext, name: string, values: readonly Value[]): Computation => {
  const known = context.state.knowledge.call(`numpy.${name}`)
  const effects = known !== undefined && values.every(isNumeric) ? { ...known, result: 'number' as const } : known
  return {
    id: `numpy.${name}`,
    effects,
    arguments: values.map(value => ({ keyword: undefined, value })),
    everything: false
  }
}

const binaryComputation = (
  context: StepContext,
  expression: Expression & { readonly kind: 'binary' }
): Computation | undefined => {
  const name = operatorNames[expression.operator]
  if (name === undefined) return undefined
  const values = [evaluate(context, expression.left), evaluate(context, expression.right)]
  return values.every(isConstant) ? undefined : operation(context, name, values)
}

const unaryComputation = (
  context: StepContext,
  expression: Expression & { readonly kind: 'unary' }
): Computation | undefined => {
  const name = unaryNames[expression.operator]
  if (name === undefined) return undefined
  const value = evaluate(context, expression.operand)
  return isConstant(value) ? undefined : operation(context, name, [value])
}

const keyParts = (expression: Subscript): readonly Expression[] => {
  const [only, ...more] = expression.keys
  return only?.kind === 'sequence' && more.length === 0 ? only.items : expression.keys
}

/** An index, or the bounds of a slice, each evaluated once. */
type KeyPart = { readonly index: Value } | { readonly bounds: readonly (Value | null)[] }

const keyPart = (context: StepContext, key: Expression): KeyPart =>
  key.kind === 'slice'
    ? { bounds: key.bounds.map(bound => (bound === undefined ? null : evaluate(context, bound))) }
    : { index: evaluate(context, key) }

const valuesOf = (part: KeyPart): readonly Value[] =>
  'index' in part ? [part.index] : part.bounds.filter(bound => bound !== null)

/** An index, or `[start, stop, step]` as the vocabulary's `__getitem__` takes it; undefined where it is no constant. */
const constantKey = (part: KeyPart): JsonValue | undefined => {
  if ('index' in part)
    return part.index.kind === 'literal' && part.index.literal.type === 'int' ? part.index.literal.value : undefined
  const bounds = part.bounds.flatMap(bound =>
    bound === null ? [null] : bound.kind === 'literal' ? [bound.literal.value] : []
  )
  if (bounds.length !== part.bounds.length) return undefined
  return bounds.length < 3 ? [...bounds, null] : bounds
}

const folded = (value: Value): readonly Binding[] =>
  value.kind === 'literal' && value.binding !== undefined ? [value.binding] : []

/** The key of a subscript: constants as one parameter; anything else as code or as the images that it names. */
const evaluateKey = (context: StepContext, expression: Subscript): Value => {
  const parts = keyParts(expression).map(part => keyPart(context, part))
  const [only, ...more] = parts
  if (only !== undefined && 'index' in only && more.length === 0) {
    const { index } = only
    if (index.kind !== 'literal') return index
    if (index.literal.type === 'tuple')
      return { ...index, literal: { value: index.literal.value, type: 'tuple of slices' } }
  }
  const values = parts.flatMap(valuesOf)
  const constants = parts.map(constantKey).flatMap(key => (key === undefined ? [] : [key]))
  if (
    constants.length === parts.length &&
    values.every(value => folded(value).every(binding => binding.value === undefined))
  ) {
    return { kind: 'literal', literal: { value: constants, type: 'tuple of slices' } }
  }
  return {
    kind: 'code',
    text: keyParts(expression)
      .map(part => textOf(context, part))
      .join(', '),
    bindings: values.flatMap(bindingsOf),
    calls: values.some(runsCode)
  }
}

const getItemPath = 'numpy.ndarray.__getitem__'

const subscriptComputation = (context: StepContext, expression: Subscript): Computation | undefined => {
  const object = evaluate(context, expression.object)
  if (object.kind !== 'binding' && object.kind !== 'sequence') return undefined
  const key = evaluateKey(context, expression)
  const known = context.state.knowledge.call(getItemPath)
  // A slice shares memory with what it is cut from; an image as index makes a copy, which is taken for a view as well.
  const effects = known === undefined ? undefined : { ...known, result: 'view' as const }
  return {
    id: getItemPath,
    effects,
    arguments: [
      { keyword: undefined, value: object },
      { keyword: undefined, value: key }
    ],
    everything: false
  }
}

const argumentsOf = (context: StepContext, expression: Call): readonly GivenArgument[] => [
  ...expression.positional.map(value => ({ keyword: undefined, value: evaluate(context, value) })),
  ...expression.keywords.map(([keyword, value]) => ({ keyword, value: evaluate(context, value) }))
]

const callOfPath = (context: StepContext, path: string, expression: Call): Computation => {
  const known = context.state.knowledge.call(path)
  const rewires = path.split('.').some(isRewiringName)
  if (rewires) rewire(context)
  return {
    id: known?.id ?? path,
    effects: expression.spread ? undefined : known,
    arguments: argumentsOf(context, expression),
    everything: rewires
  }
}

/** Whether a method of a value may reach whatever the code reaches that made it. */
const mayRun = (value: Value): boolean =>
  value.kind === 'binding' ? value.binding.runs !== 'no' : value.kind === 'code' && value.calls

const callOfMethod = (context: StepContext, callee: Attribute, expression: Call): Computation => {
  const object = evaluate(context, callee.object)
  const known = context.state.knowledge.method(callee.name, object.kind === 'binding' ? object.binding.kind : 'state')
  const self: GivenArgument = { keyword: known === undefined ? 'self' : undefined, value: object }
  return {
    id: known?.id ?? `object.${callee.name}`,
    effects: expression.spread ? undefined : known,
    arguments: [self, ...argumentsOf(context, expression)],
    everything: known === undefined && mayRun(object)
  }
}

/** A call of a value: what a variable holds when it is called cannot be known. */
const callOfValue = (context: StepContext, expression: Call): Computation => {
  const { callee } = expression
  const target = evaluate(context, callee)
  const self: readonly GivenArgument[] = target.kind === 'binding' ? [{ keyword: 'self', value: target }] : []
  return {
    id: callee.kind === 'name' ? callee.name : 'call',
    effects: undefined,
    arguments: [...argumentsOf(context, expression), ...self],
    everything: true
  }
}

const isBuiltin = (context: StepContext, callee: Expression): callee is Expression & { readonly kind: 'name' } =>
  callee.kind === 'name' && !context.state.scope.variables.has(callee.name) && pythonBuiltins.has(callee.name)

const callComputation = (context: StepContext, expression: Call): Computation => {
  const { callee } = expression
  const path = pathOf(context, callee) ?? (isBuiltin(context, callee) ? `builtins.${callee.name}` : undefined)
  if (path !== undefined) return callOfPath(context, path, expression)
  return callee.kind === 'attribute' ? callOfMethod(context, callee, expression) : callOfValue(context, expression)
}

/** What an expression computes as a step; undefined where it is a name, a constant or code that computes nothing. */
export const computationOf = (context: StepContext, expression: Expression): Computation | undefined => {
  if (floatConstant(context, expression) !== undefined) return undefined
  if (expression.kind === 'call') return callComputation(context, expression)
  if (expression.kind === 'binary') return binaryComputation(context, expression)
  if (expression.kind === 'unary') return unaryComputation(context, expression)
  if (expression.kind === 'attribute') return attributeComputation(context, expression)
  return expression.kind === 'subscript' ? subscriptComputation(context, expression) : undefined
}

/** A call within an expression is a step of its own. */
const evaluateNested = (context: StepContext, expression: Expression): Value | undefined => {
  const literal = floatConstant(context, expression)
  if (literal !== undefined) return { kind: 'literal', literal }
  const inner = nestedContext(context, expression)
  const computation = computationOf(inner, expression)
  if (computation === undefined) return undefined
  const file = computation.effects?.file
  if (file?.mode === 'open') {
    const opened = openCall(inner, computation, undefined)
    if (opened !== undefined) return { kind: 'binding', binding: opened }
  }
  return { kind: 'binding', binding: perform(inner, { ...computation, targets: [], binds: [], nested: true }) }
}

const evaluateOther = (context: StepContext, names: readonly string[], calls: boolean, span: Span): Value => {
  if (names.some(isRewiringName)) rewire(context)
  const values = names.map(name =>
    calls && !context.state.scope.variables.has(name) ? code(context, span) : evaluateName(context, name, span)
  )
  const bindings = values.flatMap(bindingsOf)
  return code(context, span, bindings, calls)
}

const evaluateOnce = (context: StepContext, expression: Expression): Value => {
  switch (expression.kind) {
    case 'literal':
      return { kind: 'literal', literal: expression.literal }
    case 'name':
      return evaluateName(context, expression.name, expression)
    case 'sequence':
      return {
        kind: 'sequence',
        items: expression.items.map(item => evaluate(context, item)),
        text: textOf(context, expression)
      }
    case 'slice':
      return code(context, expression)
    case 'other':
      return evaluateOther(context, expression.names, expression.calls, expression)
    case 'attribute':
      return evaluateNested(context, expression) ?? evaluateAttribute(context, expression)
    default:
      return evaluateNested(context, expression) ?? pureCode(context, expression)
  }
}

/** Works out what an expression is; calls in it become steps, in the order in which Python makes them. */
export const evaluate = (context: StepContext, expression: Expression): Value => {
  const known = context.known.get(expression)
  if (known !== undefined) return known
  const value = evaluateOnce(context, expression)
  context.known.set(expression, value)
  return value
}

/** Arithmetic on constants, a subscript of code: nothing runs that a slice would have to keep. */
const pureCode = (
  context: StepContext,
  expression: Expression & { readonly kind: 'binary' | 'unary' | 'subscript' | 'call' }
): Value => {
  const parts = partsOf(expression).map(part => evaluate(context, part))
  return code(context, expression, parts.flatMap(bindingsOf), parts.some(runsCode))
}

const partsOf = (
  expression: Expression & { readonly kind: 'binary' | 'unary' | 'subscript' | 'call' }
): readonly Expression[] => {
  if (expression.kind === 'binary') return [expression.left, expression.right]
  if (expression.kind === 'unary') return [expression.operand]
  return expression.kind === 'subscript'
    ? [expression.object, ...expression.keys.filter(key => key.kind !== 'slice')]
    : []
}
