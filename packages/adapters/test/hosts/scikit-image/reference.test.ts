import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it } from 'vitest'
import { findOperation, operations } from '../../../src/hosts/scikit-image/index.ts'
import { calls } from './cases.ts'
import { differenceOf, toleranceOf } from './difference.ts'
import { type Answer, type Call, findPython, ReferenceProcess } from './reference-process.ts'

const python = findPython()
const reference = 'python' in python ? new ReferenceProcess(python.python) : undefined

/** Calls that the library answers and that are refused here, on purpose, with the reason. */
const isRefusedOnPurpose = ({ id }: Call, what: string): boolean =>
  (id === 'numpy.ndarray.__getitem__' && what.includes('selects nothing')) ||
  (id === 'skimage.measure.label' && what.includes('last axis of length 1'))

const describeCall = ({ id, inputs, parameters }: Call): string =>
  `${id}(${Object.entries(inputs)
    .map(([n, a]) => `${n}: ${a.dtype}[${a.shape.join()}]`)
    .join(', ')}, ${JSON.stringify(parameters)})`

/** What differs between our answer and the library's; the largest difference where nothing does. */
const compare = (call: Call, theirs: Answer): string | number => {
  const result = findOperation(call.id)?.run?.(call.inputs, call.parameters)
  if (result === undefined) return `${call.id} has no implementation`
  if (isLeft(result)) {
    if ('error' in theirs || isRefusedOnPurpose(call, result.left.what)) return 0
    return `${describeCall(call)} is refused: ${result.left.what}`
  }
  const ours = result.right['return']
  if (ours === undefined) return `${call.id} returns nothing`
  if ('error' in theirs) return `${describeCall(call)} should fail: ${theirs.error}`
  if (ours.dtype !== theirs.dtype || ours.shape.join() !== theirs.shape.join()) {
    return `${describeCall(call)} is ${ours.dtype}[${ours.shape.join()}] instead of ${theirs.dtype}[${theirs.shape.join()}]`
  }
  const difference = differenceOf(ours, theirs)
  return difference <= toleranceOf(theirs)
    ? difference
    : `${describeCall(call)} differs by ${difference}: ${Array.from(ours.data, String).slice(0, 8).join()} for ${Array.from(theirs.data, String).slice(0, 8).join()}`
}

describe.each(operations.map(({ id }) => id))('%s against scikit-image 0.26.0', id => {
  it('gives what the library gives', { timeout: 120_000 }, async ctx => {
    if (reference === undefined) {
      const why = 'why' in python ? python.why : ''
      console.warn(`SKIPPED ${id}: ${why}`)
      return ctx.skip(why)
    }
    const mine = calls.filter(call => call.id === id)
    const problems: string[] = []
    let largest = 0
    for (const call of mine) {
      const compared = compare(call, await reference.call(call))
      if (typeof compared === 'string') problems.push(compared)
      else largest = Math.max(largest, compared)
    }
    console.log(`${id}: ${mine.length} calls, largest difference ${largest} of the range`)
    expect(mine.length).toBeGreaterThan(5)
    expect(problems).toEqual([])
  })
})

afterAll(() => reference?.end())
