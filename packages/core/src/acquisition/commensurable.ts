import { ucum } from '@atomic-ehr/ucum'
import { isUnit, type Quantity } from './quantity.ts'

const known = new Map<string, boolean>()

const attempt = (unit: string, other: string): boolean => {
  try {
    return ucum.isConvertible(unit, other)
  } catch {
    return false
  }
}

/** Tells whether quantities of two UCUM units can be compared: nm and m, Cel and K, but not eV and V. */
export const isCommensurable = (unit: string, other: string): boolean => {
  if (unit === other) return isUnit(unit)
  if (!isUnit(unit) || !isUnit(other)) return false
  const key = `${unit} ${other}`
  const before = known.get(key)
  if (before !== undefined) return before
  const answer = attempt(unit, other)
  if (known.size < 1000) known.set(key, answer)
  return answer
}

/** The number of a quantity in another unit, or undefined where the units do not measure the same. */
export const valueIn = (quantity: Quantity, unit: string): number | undefined => {
  if (quantity.unit === unit) return quantity.value
  if (!isCommensurable(quantity.unit, unit)) return undefined
  try {
    return ucum.convert(quantity.value, quantity.unit, unit)
  } catch {
    return undefined
  }
}
