import { readFileSync } from 'node:fs'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { findOperation, operations } from '../../../src/hosts/scikit-image/index.ts'
import { differenceOf, toleranceOf } from './difference.ts'
import { fromPlain, type Golden, goldenCalls, toPlain } from './golden-calls.ts'

const golden: readonly Golden[] = JSON.parse(readFileSync(new URL('./golden.json', import.meta.url), 'utf8'))

describe('results of scikit-image 0.26.0, frozen', () => {
  it('holds every operation, and exactly the calls that are listed', () => {
    expect(new Set(golden.map(({ id }) => id))).toEqual(new Set(operations.map(({ id }) => id)))
    expect(golden.map(({ id, parameters }) => ({ id, parameters }))).toEqual(
      goldenCalls.map(({ id, parameters }) => ({ id, parameters }))
    )
  })

  it.each(golden.map((one, i) => [`${one.id} ${JSON.stringify(one.parameters)} #${i}`, one] as const))(
    '%s',
    (_, one) => {
      const inputs = Object.fromEntries(Object.entries(one.inputs).map(([name, array]) => [name, fromPlain(array)]))
      const result = findOperation(one.id)?.run?.(inputs, one.parameters)
      if (result === undefined || isLeft(result)) throw new Error(JSON.stringify(result))
      const ours = result.right['return']!
      const theirs = fromPlain(one.result)
      expect({ dtype: ours.dtype, shape: ours.shape }).toEqual({ dtype: theirs.dtype, shape: theirs.shape })
      expect(differenceOf(ours, theirs)).toBeLessThanOrEqual(toleranceOf(theirs))
      // Inputs are never changed.
      for (const [name, array] of Object.entries(inputs)) expect(toPlain(array)).toEqual(one.inputs[name])
    }
  )
})
