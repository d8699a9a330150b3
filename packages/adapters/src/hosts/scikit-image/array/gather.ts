import { bytesPerElement, type Elements, type NdArray } from '@bims/core'
import { countOf, newElements } from './elements.ts'

/** Which elements of an array make another one: where the first stands, and how far apart along each axis. */
export interface View {
  readonly shape: readonly number[]
  /** In elements; negative where an axis is read backwards. */
  readonly strides: readonly number[]
  readonly offset: number
}

/** Strides of a row-major array, in elements. */
export const stridesOf = (shape: readonly number[]): number[] => {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1)
  return strides
}

type Words = Uint8Array | Uint16Array | Uint32Array

/** The same memory as unsigned words, so that no bit of a NaN changes on the way; and the words an element takes. */
const wordsOf = (data: Elements, bytes: number): readonly [Words, number] => {
  const { buffer, byteOffset, byteLength } = data
  if (bytes === 1) return [new Uint8Array(buffer, byteOffset, byteLength), 1]
  if (bytes === 2) return [new Uint16Array(buffer, byteOffset, byteLength / 2), 1]
  return [new Uint32Array(buffer, byteOffset, byteLength / 4), bytes / 4]
}

const copyLine = (from: Words, at: number, stride: number, to: Words, start: number, count: number): void => {
  if (stride === 1) to.set(from.subarray(at, at + count), start)
  else for (let i = 0; i < count; i++) to[start + i] = from[at + i * stride] as number
}

/** Moves on to the next line of a view, in row-major order; the place where it begins. */
const newLineWalk = (outer: readonly number[], strides: readonly number[], first: number): (() => number) => {
  const index = new Array<number>(outer.length).fill(0)
  let at = first
  return () => {
    const here = at
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1
      const length = outer[axis] as number
      const stride = strides[axis] as number
      index[axis] = next === length ? 0 : next
      at += next === length ? -stride * (length - 1) : stride
      if (next !== length) break
    }
    return here
  }
}

/** Copies the elements of a view into an array of its own, bit for bit. */
export const gather = (array: NdArray, view: View): NdArray => {
  const data = newElements(array.dtype, countOf(view.shape))
  const bytes = bytesPerElement[array.dtype]
  const [from, words] = wordsOf(array.data, bytes)
  const [to] = wordsOf(data, bytes)
  // The words of an element are one more, innermost axis.
  const shape = words === 1 ? view.shape : [...view.shape, words]
  const strides = words === 1 ? view.strides : [...view.strides.map(stride => stride * words), 1]
  const count = shape.at(-1) ?? 1
  const next = newLineWalk(shape.slice(0, -1), strides, view.offset * words)
  for (let start = 0; start < to.length; start += count) copyLine(from, next(), strides.at(-1) ?? 1, to, start, count)
  return { shape: view.shape, dtype: array.dtype, data }
}
