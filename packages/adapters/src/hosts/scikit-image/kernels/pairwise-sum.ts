/** The sum of eight interleaved parts, added up in pairs. */
const sumOfEight = (values: Float64Array, from: number, count: number): number => {
  const parts = values.slice(from, from + 8)
  let i = 8
  for (; i < count - (count % 8); i += 8) {
    for (let k = 0; k < 8; k++) parts[k] = (parts[k] as number) + (values[from + i + k] as number)
  }
  for (let width = 1; width < 8; width *= 2) {
    for (let k = 0; k < 8; k += 2 * width) parts[k] = (parts[k] as number) + (parts[k + width] as number)
  }
  let sum = parts[0] as number
  for (; i < count; i++) sum += values[from + i] as number
  return sum
}

/** A sum in the order in which `numpy.sum` adds contiguous floats, so that it is rounded alike. */
export const pairwiseSum = (values: Float64Array, from = 0, count = values.length): number => {
  if (count < 8) {
    let sum = 0
    for (let i = 0; i < count; i++) sum += values[from + i] as number
    return sum
  }
  if (count <= 128) return sumOfEight(values, from, count)
  const half = Math.floor(count / 2)
  const first = half - (half % 8)
  return pairwiseSum(values, from, first) + pairwiseSum(values, from + first, count - first)
}
