/** A double as a fixed-point number with so many binary places, cut off. */
const toFixed = (value: number, places: bigint): bigint => {
  let scaled = value
  let exponent = 0n
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    exponent++
  }
  return (BigInt(scaled) << places) >> exponent
}

/** The double nearest to a positive fixed-point number. */
const toDouble = (value: bigint, places: bigint): number => {
  const drop = BigInt(Math.max(0, value.toString(2).length - 64))
  const kept = value >> drop
  // Number() rounds these 64 bits to nearest; the lowest is set where something was cut off, so that no false tie is left.
  const exact = kept << drop === value ? kept : kept | 1n
  return Number(exact) * 2 ** Number(drop - places)
}

/**
 * The exponential function of a number from -700 to 0, rounded correctly. `Math.exp` may be off by one unit in the last
 * place, differently from engine to engine, while a recorded digest has to come out the same everywhere.
 */
export const exactExp = (x: number): number => {
  if (x === 0) return 1
  if (!(x >= -700 && x < 0)) return Math.exp(x)
  const places = 160n + BigInt(Math.ceil(-x * Math.LOG2E))
  // exp(x) = exp(x / 2^10)^(2^10), the inner one by its series.
  const small = toFixed(x, places) >> 10n
  let term = 1n << places
  let sum = term
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = ((term * small) >> places) / n
    sum += term
  }
  for (let i = 0; i < 10; i++) sum = (sum * sum) >> places
  return toDouble(sum, places)
}
