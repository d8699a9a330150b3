const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** The number of a decimal text as instruments write it (`1e-005`, `0.5`, `-0`), or undefined where it is not one finite number. */
export const parseDecimal = (text: string): number | undefined => {
  const trimmed = text.trim()
  if (trimmed.length > 64 || !decimal.test(trimmed)) return undefined
  const value = Number(trimmed)
  // Negative zero lies outside the value domain and says nothing that zero does not.
  return Number.isFinite(value) ? value + 0 : undefined
}

/** yes/no, on/off, true/false, in any case. */
export const parseSwitch = (text: string): boolean | undefined => {
  const word = text.trim().toLowerCase()
  if (word === 'yes' || word === 'on' || word === 'true') return true
  return word === 'no' || word === 'off' || word === 'false' ? false : undefined
}
