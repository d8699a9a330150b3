import type { ParameterValue } from '@bims/core'
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'

/** How a parameter is described and read. */
export interface ParameterRule<T> {
  /** Python type as documentation spells it. */
  readonly type: string
  readonly doc: string
  readonly unit?: string
  /** Python's default; without one the parameter is required. */
  readonly default?: ParameterValue
  /** Reads a value; on the left what is wrong with it. */
  readonly parse: (value: ParameterValue) => Either<string, T>
}

/** What every rule is told about itself. */
export interface Described {
  readonly doc: string
  readonly type?: string
  readonly unit?: string
  readonly default?: ParameterValue
}

const describe = <T>(
  described: Described,
  type: string,
  parse: (value: ParameterValue) => Either<string, T>
): ParameterRule<T> => ({
  ...described,
  type: described.type ?? type,
  parse
})

/** A Python number: its value, and which of Python's types it has, on which NumPy's promotion depends. */
export interface PythonNumber {
  readonly kind: 'bool' | 'int' | 'float'
  readonly value: number
}

const floatLiteral = /^[+-]?(?:(?:\d+\.\d*|\.\d+)(?:e[+-]?\d+)?|\d+e[+-]?\d+|inf|infinity|nan)$/i

const fromLiteral = (text: string): number => {
  if (!/[a-df-z]/i.test(text)) return Number(text)
  const size = /nan/i.test(text) ? Number.NaN : Number.POSITIVE_INFINITY
  return text.startsWith('-') ? -size : size
}

/**
 * Reads a Python number. A JavaScript number that is whole stands for an int, any other for a float; a float that is
 * whole or not finite is given as the text of its literal: `'2.0'`, `'inf'`, `'nan'`.
 */
export const parsePythonNumber = (value: ParameterValue): PythonNumber | undefined => {
  if (typeof value === 'boolean') return { kind: 'bool', value: Number(value) }
  if (typeof value === 'number') return { kind: Number.isInteger(value) ? 'int' : 'float', value }
  if (typeof value === 'string' && value.length < 64 && floatLiteral.test(value)) {
    return { kind: 'float', value: fromLiteral(value) }
  }
  return undefined
}

/**
 * A Python float as a parameter: the number, or where that would stand for an int, the text of its literal.
 * `2` becomes `'2.0'`, on which NumPy's promotion depends.
 */
export const pythonFloat = (value: number): ParameterValue => {
  if (!Number.isInteger(value)) return value
  const text = Object.is(value, -0) ? '-0' : String(value)
  return text.includes('e') ? text : `${text}.0`
}

const inRange = (value: number, at: { readonly min?: number; readonly max?: number }): boolean =>
  !(value < (at.min ?? Number.NEGATIVE_INFINITY)) && !(value > (at.max ?? Number.POSITIVE_INFINITY))

const rangeText = (at: { readonly min?: number; readonly max?: number }): string =>
  `${at.min === undefined ? '' : ` of at least ${at.min}`}${at.max === undefined ? '' : ` up to ${at.max}`}`

/** A real number; finite unless told otherwise. */
export const real = (
  rule: Described & { readonly min?: number; readonly max?: number; readonly anyFloat?: true }
): ParameterRule<number> =>
  describe(rule, 'float', value => {
    const number = parsePythonNumber(value)
    if (number === undefined || number.kind === 'bool') return left('must be a number')
    if (!Number.isFinite(number.value) && rule.anyFloat !== true) return left('must be finite')
    return inRange(number.value, rule) ? right(number.value) : left(`must be a number${rangeText(rule)}`)
  })

/** A whole number. */
export const integer = (rule: Described & { readonly min?: number; readonly max?: number }): ParameterRule<number> =>
  describe(rule, 'int', value =>
    typeof value === 'number' && Number.isSafeInteger(value) && inRange(value, rule)
      ? right(value)
      : left(`must be a whole number${rangeText(rule)}`)
  )

/** A bool. */
export const flag = (rule: Described): ParameterRule<boolean> =>
  describe(rule, 'bool', value => (typeof value === 'boolean' ? right(value) : left('must be True or False')))

/** One word of a list. */
export const word = <W extends string>(words: readonly W[], rule: Described): ParameterRule<W> =>
  describe(rule, `{${words.map(w => `'${w}'`).join(', ')}}`, value => {
    const found = words.find(w => w === value)
    return found === undefined ? left(`must be one of ${words.join(', ')}`) : right(found)
  })

/** A rule's value, or None. */
export const optional = <T>(rule: ParameterRule<T>): ParameterRule<T | null> => ({
  ...rule,
  type: rule.type.includes('None') ? rule.type : `${rule.type} or None`,
  default: rule.default ?? null,
  parse: value => (value === null ? right(null) : rule.parse(value))
})

/** One value for all axes, or a list with one for each. */
export const oneOrEach = <T>(rule: ParameterRule<T>): ParameterRule<T | readonly T[]> => ({
  ...rule,
  type: `${rule.type} or sequence of ${rule.type}`,
  parse: value => (isList(value) ? parseEach(rule, value) : rule.parse(value))
})

/** A list of values of one rule. */
export const listOf = <T>(rule: ParameterRule<T>, length?: number): ParameterRule<readonly T[]> => ({
  ...rule,
  type: length === undefined ? `sequence of ${rule.type}` : `tuple of ${length} ${rule.type}`,
  parse: value =>
    isList(value) && (length === undefined || value.length === length)
      ? parseEach(rule, value)
      : left(length === undefined ? 'must be a list' : `must be a list of ${length}`)
})

/** Tells whether a value is a list. */
export const isList = (value: ParameterValue): value is readonly ParameterValue[] => Array.isArray(value)

const parseEach = <T>(rule: ParameterRule<T>, values: readonly ParameterValue[]): Either<string, readonly T[]> => {
  const out: T[] = []
  for (const value of values) {
    const parsed = rule.parse(value)
    if (isLeft(parsed)) return left(`each of the list ${parsed.left}`)
    out.push(parsed.right)
  }
  return right(out)
}

/** A parameter of the library's signature that takes only its default here; the error says why. */
export const fixed = (value: ParameterValue, type: string, why: string): ParameterRule<ParameterValue> => ({
  type,
  doc: `Only the default is taken: ${why}.`,
  default: value,
  parse: given => (given === value ? right(value) : left(`takes only its default here: ${why}`))
})

/** The `out` of many signatures. */
export const noOut: ParameterRule<ParameterValue> = fixed(null, 'ndarray or None', 'a result is always a new array')

/** Either of two rules, the first that takes the value. */
export const either = <A, B>(
  first: ParameterRule<A>,
  second: ParameterRule<B>,
  rule: Described
): ParameterRule<A | B> =>
  describe<A | B>(rule, `${first.type} or ${second.type}`, value => {
    const parsed = first.parse(value)
    if (!isLeft(parsed)) return parsed
    const other = second.parse(value)
    return isLeft(other) ? left(`${parsed.left}, or ${other.left}`) : other
  })
