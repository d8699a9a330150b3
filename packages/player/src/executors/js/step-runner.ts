import { findOperation, pythonFloat } from '@bims/adapters/hosts/scikit-image'
import {
  arrayDigest,
  defaultAxes,
  isJsonObject,
  newError,
  parseValueName,
  type BimsError,
  type JsonValue,
  type NdArray,
  type ParameterValue,
  type Step
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { Made, NamedArray } from '../executor.ts'

/** Operations that give their one input another name: assignments and undone steps in a log. */
const identityOperations: ReadonlySet<string> = new Set(['python.assign', 'python.revert'])

/** Operations of the log form that set what hangs on an image; they make no pixels. */
const settingOperations: ReadonlySet<string> = new Set(['bims.display', 'bims.roi', 'bims.calibration'])

/** Tells whether the js executor knows an operation. */
export const knowsOperation = (id: string): boolean =>
  identityOperations.has(id) || settingOperations.has(id) || findOperation(id)?.run !== undefined

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)

const isFloat = (type: string): boolean => /^(?:(?:tuple|list) of )?float\b/.test(type)

/**
 * A JSON value of a record as a parameter; undefined where no operation takes such a value. JSON does not tell 2 from
 * 2.0, the parameter's type does, and NumPy's types of results depend on it.
 */
const toParameter = (value: JsonValue, type: string): ParameterValue | undefined => {
  if (isList(value)) return toParameters(value, type)
  if (typeof value === 'number') return isFloat(type) ? pythonFloat(value) : value
  if (!isJsonObject(value)) return value
  const { $type: kind, text } = value
  return (kind === 'float64' || kind === 'int64' || kind === 'uint64') && typeof text === 'string'
    ? Number(text)
    : undefined
}

const toParameters = (values: readonly JsonValue[], type: string): readonly ParameterValue[] | undefined => {
  const items: ParameterValue[] = []
  for (const value of values) {
    const parameter = toParameter(value, type)
    if (parameter === undefined) return undefined
    items.push(parameter)
  }
  return items
}

const parametersOf = (step: Step): E.Either<BimsError, Readonly<Record<string, ParameterValue>>> => {
  const entries: [string, ParameterValue][] = []
  for (const { name, type, value } of step.parameters) {
    const parameter = toParameter(value, type)
    if (parameter === undefined) {
      return E.left(
        newError(
          'operation-parameters',
          `The parameter ${name} of ${step.operation.id} has a value that cannot be replayed.`,
          'Withheld and attached values need the file that holds them.'
        )
      )
    }
    entries.push([name, parameter])
  }
  return E.right(Object.fromEntries(entries))
}

/** Axes of a result: those of the first input with as many axes, else the default ones. */
export const resultAxes = (inputs: readonly NamedArray[], result: NdArray): readonly string[] =>
  inputs.find(input => input.array.shape.length === result.shape.length)?.axes ?? defaultAxes(result.shape.length)

/** Describes a value for whoever does not hold its pixels. */
export const describe = (value: string, { array, axes }: NamedArray): Made => ({
  value,
  digest: arrayDigest(array, axes).digest,
  axes,
  shape: array.shape,
  dtype: array.dtype
})

/** `name:x` is a folded constant, whose value is a parameter; `shared:x` an alias: neither is an argument of the call. */
const isArgument = (arg: string): boolean => !arg.includes(':')

/** Values that a call takes as arrays; a display range or a session's state is none. */
const isArray = (value: string): boolean =>
  ['image', 'number', 'table', 'roi'].includes(parseValueName(value)?.kind ?? '')

const inputsOf = (
  step: Step,
  held: ReadonlyMap<string, NamedArray>
): E.Either<BimsError, ReadonlyMap<string, NamedArray>> => {
  const inputs = new Map<string, NamedArray>()
  for (const { arg, value } of step.reads) {
    if (!isArgument(arg) || !isArray(value)) continue
    const pixels = held.get(value)
    if (pixels === undefined)
      return E.left(
        newError(
          'input-missing',
          `Step ${step.index} reads ${value}, which is not there.`,
          'Run the step that makes it, or give it as an input.'
        )
      )
    inputs.set(arg, pixels)
  }
  return E.right(inputs)
}

/** Whether a step makes no array: it sets what hangs on an image, or gives a constant a name. */
const makesNothing = ({ operation, reads }: Step): boolean =>
  settingOperations.has(operation.id) ||
  (operation.id === 'python.assign' && !reads.some(({ arg, value }) => isArgument(arg) && isArray(value)))

const nothingMade: E.Either<BimsError, ReadonlyMap<string, NamedArray>> = E.right(new Map())

const compute = (
  step: Step,
  inputs: ReadonlyMap<string, NamedArray>
): E.Either<BimsError, Readonly<Record<string, NdArray>>> => {
  if (identityOperations.has(step.operation.id)) {
    const [first] = inputs.values()
    return first === undefined
      ? E.left(newError('operation-failed', `Step ${step.index} assigns nothing.`, 'Check the log.'))
      : E.right({ return: first.array })
  }
  const run = findOperation(step.operation.id)?.run
  if (step.writes.some(({ arg }) => !isArgument(arg))) {
    return E.left(
      newError(
        'operation-unknown',
        `${step.operation.id} changes an image through another name of it, which the js executor does not do.`,
        'Replay it in the program that recorded it.'
      )
    )
  }
  if (run === undefined)
    return E.left(
      newError(
        'operation-unknown',
        `The js executor does not know ${step.operation.id}.`,
        'Skip the step, or replay it in the program that recorded it.'
      )
    )
  const arrays = Object.fromEntries([...inputs].map(([arg, { array }]) => [arg, array]))
  return E.flatMap((parameters: Readonly<Record<string, ParameterValue>>) => run(arrays, parameters))(
    parametersOf(step)
  )
}

/** Runs one step on the values held, and returns what it wrote by versioned name. */
export const runStep = (
  step: Step,
  held: ReadonlyMap<string, NamedArray>
): E.Either<BimsError, ReadonlyMap<string, NamedArray>> => (makesNothing(step) ? nothingMade : makeImages(step, held))

const makeImages = (
  step: Step,
  held: ReadonlyMap<string, NamedArray>
): E.Either<BimsError, ReadonlyMap<string, NamedArray>> =>
  E.flatMap((inputs: ReadonlyMap<string, NamedArray>) =>
    E.flatMap((results: Readonly<Record<string, NdArray>>) => {
      const made = new Map<string, NamedArray>()
      for (const { arg, value } of step.writes) {
        const array = results[arg] ?? (step.writes.length === 1 ? Object.values(results)[0] : undefined)
        if (array === undefined)
          return E.left(
            newError('operation-failed', `${step.operation.id} gives no ${arg}.`, 'The log and the operation disagree.')
          )
        made.set(value, { array, axes: resultAxes([...inputs.values()], array) })
      }
      return E.right<BimsError, ReadonlyMap<string, NamedArray>>(made)
    })(compute(step, inputs))
  )(inputsOf(step, held))
