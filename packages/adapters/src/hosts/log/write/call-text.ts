import { type BimsError, type Issue, type JsonValue, newError } from '@bims/core'
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import { isPythonName, printLiteral } from '../../../python/print.ts'
import type { CallEffects } from '../../../python/session/knowledge.ts'
import type { ParameterDraft } from './step-draft.ts'

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value)

const vocabularyFloat = (effects: CallEffects | undefined, name: string): boolean =>
  effects?.parameters.find(parameter => parameter.name === name)?.type.startsWith('float') === true

/** The type that a parameter is written with; JSON does not tell 2 from 2.0, so the vocabulary does where it can. */
export const typeOfDraft = ({ name, value, type }: ParameterDraft, effects: CallEffects | undefined): string => {
  if (type !== undefined) return type
  if (typeof value === 'number') return !Number.isInteger(value) || vocabularyFloat(effects, name) ? 'float' : 'int'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (value === null) return 'None'
  return isList(value) ? (vocabularyFloat(effects, name) ? 'tuple of float' : 'tuple') : 'object'
}

const sliceText = (part: JsonValue): string | undefined => {
  if (typeof part === 'number') return Number.isSafeInteger(part) ? String(part) : undefined
  if (!isList(part) || part.length < 2 || part.length > 3) return undefined
  const bounds = part.map(bound =>
    bound === null ? '' : typeof bound === 'number' && Number.isSafeInteger(bound) ? String(bound) : undefined
  )
  if (bounds.includes(undefined)) return undefined
  return bounds.length === 3 && bounds[2] === '' ? bounds.slice(0, 2).join(':') : bounds.join(':')
}

/** `10:200, 30:90` of the vocabulary's key. */
const keyText = (key: JsonValue | undefined): string | undefined => {
  if (!isList(key) || key.length === 0) return undefined
  const parts = key.map(sliceText)
  return parts.includes(undefined) ? undefined : parts.join(', ')
}

/** A call, ready to be spelled. */
export interface CallDraft {
  readonly operation: string
  readonly effects: CallEffects | undefined
  /** Argument → variable. */
  readonly reads: ReadonlyMap<string, string>
  readonly parameters: readonly ParameterDraft[]
}

const methodPrefix = 'numpy.ndarray.'

interface Spelled {
  readonly name: string
  readonly text: string
  readonly isRead: boolean
}

/** NumPy's ufuncs take their operands by position only. */
const byPositionOnly: ReadonlySet<string> = new Set(['self', 'x', 'x1', 'x2'])

/** In the signature's order as long as nothing is left out; then by keyword. */
const argumentList = (call: CallDraft, spelled: readonly Spelled[]): string => {
  const left = new Map(spelled.map(argument => [argument.name, argument]))
  const positional: string[] = []
  for (const name of call.effects?.signature ?? []) {
    const argument = left.get(name)
    if (argument === undefined || !(argument.isRead || byPositionOnly.has(name))) break
    positional.push(argument.text)
    left.delete(name)
  }
  return [...positional, ...[...left.values()].map(({ name, text }) => `${name}=${text}`)].join(', ')
}

const refused = (operation: string, issues: readonly Issue[]): BimsError =>
  newError(
    'log-grammar',
    `The step ${JSON.stringify(operation)} cannot be written as Python.`,
    'Give names that Python takes, and values that JSON records hold.',
    { issues }
  )

const spellParameters = (
  call: CallDraft
): { readonly spelled: readonly Spelled[]; readonly issues: readonly Issue[] } => {
  const issues: Issue[] = []
  const spelled: Spelled[] = []
  const names = new Set(call.reads.keys())
  for (const parameter of call.parameters) {
    const type = typeOfDraft(parameter, call.effects)
    const text = type === 'expression' ? undefined : printLiteral(parameter.value, type)
    if (!isPythonName(parameter.name)) issues.push({ at: parameter.name, what: 'is no Python name' })
    else if (names.has(parameter.name)) issues.push({ at: parameter.name, what: 'is given twice' })
    else if (text === undefined)
      issues.push({ at: parameter.name, what: 'has a value that no Python literal stands for' })
    else spelled.push({ name: parameter.name, text, isRead: false })
    names.add(parameter.name)
  }
  for (const name of call.reads.keys()) if (!isPythonName(name)) issues.push({ at: name, what: 'is no Python name' })
  return { spelled, issues }
}

const getItemText = (call: CallDraft, self: string): string | undefined => {
  const key = call.parameters.find(({ name }) => name === 'key')
  const mask = call.reads.get('key')
  if (call.parameters.length + call.reads.size !== 2) return undefined
  const text = mask ?? keyText(key?.value)
  return text === undefined ? undefined : `${self}[${text}]`
}

/** Spells a call: functions by their path, methods and subscripts on their `self`. Fails with `log-grammar`. */
export const callText = (call: CallDraft): Either<BimsError, string> => {
  const self = call.reads.get('self')
  if (call.operation === `${methodPrefix}__getitem__` && self !== undefined) {
    const text = getItemText(call, self)
    return text === undefined
      ? left(refused(call.operation, [{ at: 'key', what: 'is an index or [start, stop, step] for each axis' }]))
      : right(text)
  }
  const { spelled, issues } = spellParameters(call)
  if (issues.length > 0) return left(refused(call.operation, issues))
  const reads = [...call.reads].map(([name, text]): Spelled => ({ name, text, isRead: true }))
  if (!call.operation.startsWith(methodPrefix) || self === undefined)
    return right(`${call.operation}(${argumentList(call, [...reads, ...spelled])})`)
  const rest = reads.filter(({ name }) => name !== 'self')
  const bound: CallDraft =
    call.effects === undefined
      ? call
      : { ...call, effects: { ...call.effects, signature: call.effects.signature.slice(1) } }
  return right(`${self}.${call.operation.slice(methodPrefix.length)}(${argumentList(bound, [...rest, ...spelled])})`)
}
