import { ucum } from '@atomic-ehr/ucum'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { newError, type BimsError } from '../errors.ts'

/** A number with its unit. */
export interface Quantity {
  readonly value: number
  /** UCUM code, case-sensitive: `nm`, `kV`, `Pa`, `ms`, `deg`, `%`, `1`. */
  readonly unit: string
}

const known = new Map<string, boolean>()

/** The library throws where a text holds characters of no unit; its types do not resolve under Node's rules. */
const validates = (unit: string): boolean => {
  try {
    const found: unknown = ucum.validate(unit)
    return typeof found === 'object' && found !== null && 'valid' in found && found.valid === true
  } catch {
    return false
  }
}

/** Tells whether a text is a UCUM unit (ucum.org, case-sensitive codes). */
export const isUnit = (unit: string): boolean => {
  const before = known.get(unit)
  if (before !== undefined) return before
  const valid = unit.length <= 64 && unit !== '' && validates(unit)
  if (known.size < 1000) known.set(unit, valid)
  return valid
}

/** Makes a quantity. Fails with `unit-unknown`. */
export const newQuantity = (value: number, unit: string): E.Either<BimsError, Quantity> =>
  isUnit(unit)
    ? E.right({ value, unit })
    : E.left(
        newError(
          'unit-unknown',
          `"${unit}" is not a UCUM unit.`,
          'Use a UCUM code (ucum.org), or carry the native text as a string.'
        )
      )

const isQuantity = (u: unknown): u is Quantity =>
  typeof u === 'object' &&
  u !== null &&
  'value' in u &&
  'unit' in u &&
  typeof u.value === 'number' &&
  typeof u.unit === 'string' &&
  isUnit(u.unit)

/** Codec of {@link Quantity}; the unit must be UCUM. */
export const QuantityCodec: t.Type<Quantity, unknown, unknown> = new t.Type<Quantity, unknown, unknown>(
  'Quantity (value and UCUM unit)',
  isQuantity,
  (u, context) => (isQuantity(u) ? t.success(u) : t.failure(u, context)),
  quantity => quantity
)

/** Nanometres. */
export const nm = (value: number): Quantity => ({ value, unit: 'nm' })
/** Micrometres. */
export const um = (value: number): Quantity => ({ value, unit: 'um' })
/** Milliseconds. */
export const ms = (value: number): Quantity => ({ value, unit: 'ms' })
/** Seconds. */
export const s = (value: number): Quantity => ({ value, unit: 's' })
/** Volts. */
export const volt = (value: number): Quantity => ({ value, unit: 'V' })
/** Kilovolts. */
export const kV = (value: number): Quantity => ({ value, unit: 'kV' })
