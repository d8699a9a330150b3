import type { JsonValue } from './value.ts'

const special = (value: number): string => (Number.isNaN(value) ? 'NaN' : Object.is(value, -0) ? '-0' : String(value))

/** A double as a value: a JSON number where that round-trips, else `{"$type": "float64", "text"}`. */
export const fromFloat64 = (value: number): JsonValue =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : { $type: 'float64', text: special(value) }

/** A 64-bit integer as a value: a JSON number where it is exact, else `{"$type", "text"}`. */
export const fromInteger = (value: bigint): JsonValue => {
  if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value)
  return { $type: value < 0n ? 'int64' : 'uint64', text: value.toString() }
}
