import type { MacroInput } from '@bims/core'
import { type Computation, nameArguments, type NamedArgument } from './call-arguments.ts'
import type { LogState } from './log-state.ts'
import type { StepContext } from './perform.ts'
import type { Binding } from './scope.ts'
import { normalPath } from './path.ts'
import type { StepNotes } from './step-notes.ts'

const freeName = (state: LogState, name: string): string => {
  let free = name
  for (let n = 2; state.scope.isUsed('image', free); n += 1) free = `${name}_${n}`
  return free
}

/** Makes an input of the log; its value is version 0 of its name. */
export const openInput = (state: LogState, variable: string, file: string | undefined, notes: StepNotes): Binding => {
  const { scope } = state
  const name = freeName(state, variable)
  const value = scope.newValue('image', name)
  const [digest, content] = [notes.digests.get('return'), notes.contents.get('return')]
  const input: MacroInput = {
    name,
    value,
    ...(file === undefined ? {} : { file }),
    ...(digest === undefined ? {} : { digest }),
    ...(content === undefined ? {} : { content })
  }
  state.inputs.push(input)
  const binding: Binding = { object: scope.newObject(), kind: 'image', value, runs: 'no', mutable: true, made: false }
  scope.bind(variable, binding)
  return binding
}

const namedOf = (computation: Computation): readonly NamedArgument[] | undefined =>
  computation.effects === undefined ? undefined : nameArguments(computation.effects, computation.arguments)

const pathIn = (computation: Computation): string | undefined => {
  const { effects } = computation
  const value = namedOf(computation)?.find(({ name }) => name === effects?.file?.argument)?.value
  return value?.kind === 'literal' && typeof value.literal.value === 'string' ? value.literal.value : undefined
}

const stemOf = (path: string): string => {
  const stem = path
    .slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
    .replace(/\.[^.]*$/, '')
    .replaceAll(/\W/g, '_')
  return /^[A-Za-z_]/.test(stem) ? stem : `input_${stem}`
}

/** The object of an identifier, while a variable stands for it. */
const knownObject = (state: LogState, identifier: string): Binding | undefined => {
  const known = state.objects.get(identifier)
  const binding = known === undefined ? undefined : state.scope.variables.get(known.variable)
  return binding !== undefined && binding.object === known?.object ? binding : undefined
}

/** Opens an object of the session by its identifier: the second time it is the same object. */
const openObject = (state: LogState, identifier: string, variable: string, notes: StepNotes): Binding => {
  const known = knownObject(state, identifier)
  if (known !== undefined) {
    state.scope.bind(variable, known)
    return known
  }
  const binding = openInput(state, variable, identifier, notes)
  state.objects.set(identifier, { variable, object: binding.object })
  return binding
}

/**
 * `raw = imread('cells.tif')` opens an input and is no step, unless settings change what is read, or the log itself
 * wrote the file; undefined then.
 */
export const openCall = (
  { state, notes }: StepContext,
  computation: Computation,
  target: string | undefined
): Binding | undefined => {
  const path = pathIn(computation)
  if (state.rewired || path === undefined || computation.arguments.length !== 1) return undefined
  const variable = target ?? stemOf(path)
  if (computation.effects?.file?.identifier === true) return openObject(state, path, variable, notes)
  return state.scope.isWritten('file', normalPath(path)) ? undefined : openInput(state, variable, path, notes)
}
