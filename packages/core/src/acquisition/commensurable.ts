import { ucum } from '@atomic-ehr/ucum'
import { isUnit } from './quantity.ts'

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
