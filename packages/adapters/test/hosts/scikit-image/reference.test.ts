import type { DType, NdArray } from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it } from 'vitest'
import { findOperation, operations } from '../../../src/hosts/scikit-image/index.ts'
import { calls } from './cases.ts'
import { differenceOf, toleranceOf } from './difference.ts'
import { type Answer, type Call, findPython, ReferenceProcess } from './reference-process.ts'

const python = findPython()
const scipyMinor = 'python' in python ? Number(python.version.split(' ')[1]?.split('.')[1]) : 0
const reference = 'python' in python ? new ReferenceProcess(python.python) : undefined

/** Calls that the library answers and that are refused here, on purpose, with the reason. */
const isRefusedOnPurpose = ({ id }: Call, what: string): boolean =>
  (id === 'numpy.ndarray.__getitem__' && what.includes('selects nothing')) ||
  (id === 'skimage.measure.label' && what.includes('last axis of length 1'))

const describeCall = ({ id, inputs, parameters }: Call): string =>
  `${id}(${Object.entries(inputs)
    .map(([n, a]) => `${n}: ${a.dtype}[${a.shape.join()}]`)
    .join(', ')}, ${JSON.stringify(parameters)})`

/**
 * SciPy 1.18 put right how cubic and higher splines begin at a symmetric border, which shows in short lines; results
 * here are those of SciPy up to 1.17.
 */
const isOfOtherScipy = ({ id, parameters }: Call): boolean =>
  scipyMinor >= 18 &&
  id === 'skimage.transform.rescale' &&
  parameters['mode'] === 'symmetric' &&
  Number(parameters['order']) > 1

/** How one call compares: what differs, or that both refuse it, or the largest difference and the type it is of. */
type Comparison =
  { readonly problem: string } | 'refused' | 'not compared' | { readonly dtype: DType; readonly difference: number }

const compareRefusal = (call: Call, what: string, theirs: Answer): Comparison => {
  if ('error' in theirs) return 'refused'
  return isRefusedOnPurpose(call, what) ? 'not compared' : { problem: `${describeCall(call)} is refused: ${what}` }
}

const compare = (call: Call, theirs: Answer): Comparison => {
  const result = findOperation(call.id)?.run?.(call.inputs, call.parameters)
  if (result === undefined) return { problem: `${call.id} has no implementation` }
  if (isLeft(result)) return compareRefusal(call, result.left.what, theirs)
  const ours = result.right['return']
  if (ours === undefined) return { problem: `${call.id} returns nothing` }
  if ('error' in theirs) return { problem: `${describeCall(call)} should fail: ${theirs.error}` }
  const difference = differenceOf(ours, theirs)
  if (difference <= toleranceOf(theirs)) return { dtype: theirs.dtype, difference }
  const show = ({ dtype, shape, data }: NdArray): string =>
    `${dtype}[${shape.join()}] ${Array.from(data, String).slice(0, 8).join()}`
  return { problem: `${describeCall(call)} differs by ${difference}: ${show(ours)} for ${show(theirs)}` }
}

const largestOf = (compared: readonly Comparison[]): string =>
  (['float64', 'float32'] as const)
    .flatMap(dtype => {
      const found = compared.flatMap(one =>
        typeof one === 'object' && 'dtype' in one && one.dtype === dtype ? [one.difference] : []
      )
      return found.length === 0 ? [] : [`${dtype} ${Math.max(...found).toExponential(1)}`]
    })
    .join(', ')

describe.each(operations.map(({ id }) => id))('%s against scikit-image 0.26.0', id => {
  it('gives what the library gives', { timeout: 240_000 }, async ctx => {
    if (reference === undefined) {
      const why = 'why' in python ? python.why : ''
      console.warn(`SKIPPED ${id}: ${why}`)
      return ctx.skip(why)
    }
    const compared: Comparison[] = []
    for (const call of calls.filter(one => one.id === id)) {
      const theirs = await reference.call(call)
      compared.push(isOfOtherScipy(call) ? 'not compared' : compare(call, theirs))
    }
    const problems = compared.flatMap(one => (typeof one === 'object' && 'problem' in one ? [one.problem] : []))
    const count = (what: Comparison): number => compared.filter(one => one === what).length
    const floats = largestOf(compared)
    console.log(
      `${id}: ${compared.length} calls, ${count('refused')} refused by both, ${count('not compared')} not compared; ` +
        (floats === '' ? 'bit-equal' : `largest difference of the range: ${floats}`)
    )
    expect(problems).toEqual([])
    expect(compared.length - count('refused') - count('not compared')).toBeGreaterThan(5)
  })
})

afterAll(() => reference?.end())
