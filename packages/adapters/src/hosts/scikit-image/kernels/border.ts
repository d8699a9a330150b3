/** How an image goes on beyond its edge, as `scipy.ndimage` names it. */
export const borders = ['reflect', 'constant', 'nearest', 'mirror', 'wrap'] as const

/** One of {@link borders}. */
export type Border = (typeof borders)[number]

const modulo = (i: number, period: number): number => ((i % period) + period) % period

/** The index inside 0 … length-1 that stands for an index outside; -1 where the constant stands. */
export const borderIndex = (i: number, length: number, border: Border): number => {
  if (i >= 0 && i < length) return i
  if (border === 'constant') return -1
  if (border === 'nearest' || length === 1) return i < 0 ? 0 : length - 1
  return border === 'wrap' ? modulo(i, length) : fold(i, length, border)
}

const fold = (i: number, length: number, border: 'reflect' | 'mirror'): number => {
  const period = border === 'reflect' ? 2 * length : 2 * length - 2
  const folded = modulo(i, period)
  if (folded < length) return folded
  return border === 'reflect' ? period - 1 - folded : period - folded
}

/** {@link borderIndex} for the indices -before … length+after-1, in this order. */
export const borderIndices = (length: number, before: number, after: number, border: Border): Int32Array => {
  const indices = new Int32Array(before + length + after)
  for (let i = 0; i < indices.length; i++) indices[i] = borderIndex(i - before, length, border)
  return indices
}
