import type { OperationParameter, Parameter } from '@bims/core'
import type { Literal } from '../literal.ts'
import type { NamedArgument } from './call-arguments.ts'
import type { CallEffects } from './knowledge.ts'
import type { StepNotes } from './step-notes.ts'
import { isAllBindings, type Value } from './value.ts'

const isNumber = ({ type }: Literal): boolean => type === 'int' || type === 'float' || type === 'complex'

/** Notes are found by the parameter's name, or by that of the variable that stands for it. */
const noteOf = <T>(notes: ReadonlyMap<string, T>, name: string, value: Value): T | undefined =>
  notes.get(name) ?? (value.kind === 'literal' && value.variable !== undefined ? notes.get(value.variable) : undefined)

type Words = Pick<Parameter, 'unit' | 'doc'>

/** Unit and documentation: those of the log before those of the vocabulary. */
const wordsOf = ({ name, value }: NamedArgument, known: OperationParameter | undefined, notes: StepNotes): Words => {
  const doc = noteOf(notes.docs, name, value) ?? known?.doc ?? ''
  const unit = noteOf(notes.units, name, value) ?? known?.unit ?? ''
  return { ...(unit === '' ? {} : { unit }), ...(doc === '' ? {} : { doc }) }
}

const given = (
  argument: NamedArgument,
  known: OperationParameter | undefined,
  notes: StepNotes
): readonly Parameter[] => {
  const { name, value } = argument
  if (isAllBindings(value) || value.kind === 'binding') return []
  const words = wordsOf(argument, known, notes)
  const origin = noteOf(notes.origins, name, value)
  if (value.kind !== 'literal')
    return [{ name, type: 'expression', value: value.text, ...words, origin: origin ?? 'computed' }]
  const { literal } = value
  // 1 and 1.0 are one JSON number, and NumPy treats them differently: the type of a number is that of its literal.
  const type = isNumber(literal) ? literal.type : (noteOf(notes.types, name, value) ?? literal.type)
  return [{ name, type, value: literal.value, ...words, origin: origin ?? 'typed' }]
}

const byDefault = (parameter: OperationParameter): Parameter => ({
  name: parameter.name,
  type: parameter.type,
  value: parameter.default ?? null,
  ...(parameter.unit === undefined ? {} : { unit: parameter.unit }),
  ...(parameter.doc === '' ? {} : { doc: parameter.doc }),
  origin: 'default'
})

/** The parameters of a step: those of the call in its order, then the defaults that it leaves. */
export const parametersOf = (
  effects: CallEffects | undefined,
  named: readonly NamedArgument[],
  notes: StepNotes
): readonly Parameter[] => {
  const known = new Map(effects?.parameters.map(parameter => [parameter.name, parameter]))
  const explicit = named.flatMap(argument => given(argument, known.get(argument.name), notes))
  const names = new Set(named.map(argument => argument.name))
  const left = [...known.values()].filter(parameter => parameter.default !== undefined && !names.has(parameter.name))
  return [...explicit, ...left.map(byDefault)]
}
