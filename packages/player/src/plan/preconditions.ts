import { digestAxes, type MacroInput } from '@bims/core'
import type { NamedArray } from '../executors/executor.ts'

/** Why an image given as input does not meet what the macro asks of it; empty where it does. */
export const preconditionProblems = (input: MacroInput, { array, axes }: NamedArray): readonly string[] => {
  const { preconditions } = input
  if (preconditions === undefined) return []
  return [
    ...(preconditions.dtype === undefined || preconditions.dtype === array.dtype
      ? []
      : [`${input.name} must be ${preconditions.dtype} and is ${array.dtype}`]),
    ...(preconditions.axes === undefined || preconditions.axes.join() === digestAxes(axes).join()
      ? []
      : [`${input.name} must have the axes ${preconditions.axes.join(', ')} and has ${digestAxes(axes).join(', ')}`])
  ]
}
