import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { planReplay, standIn } from '../../src/index.ts'
import { maskMacro, step } from '../fixtures.ts'

describe('planReplay', () => {
  it('names every step and parameter that is not there', () => {
    const plan = planReplay(maskMacro, {
      steps: new Set([0, 9]),
      set: [
        { step: 7, parameter: 'sigma', value: 1 },
        { step: 0, parameter: 'radius', value: 1 }
      ]
    })
    expect(isLeft(plan) && plan.left.issues?.map(({ at }) => at)).toEqual(['step 9', 'step 7', 'step 0'])
    expect(isLeft(plan) && plan.left.code).toBe('usage')
  })

  it('changes parameters and keeps the others', () => {
    const plan = planReplay(maskMacro, { set: [{ step: 0, parameter: 'sigma', value: 4 }] })
    expect(isRight(plan) && plan.right.steps[0]?.step.parameters).toEqual([
      { name: 'sigma', type: 'number', value: 4, origin: 'typed' }
    ])
    expect(isRight(plan) && plan.right.steps.map(({ changed }) => changed)).toEqual([['sigma'], [], []])
  })

  it('forgets a value after its last use, but never an output', () => {
    const plan = planReplay(maskMacro)
    expect(isRight(plan) && plan.right.steps.map(({ lastUse }) => [...lastUse].sort())).toEqual([
      ['raw@0'],
      [],
      ['number:level@1', 'smooth@1']
    ])
  })
})

describe('standIn', () => {
  it('is the one image that a step reads for the one that it writes', () => {
    expect(standIn(step(0, 'skimage.filters.median', { image: 'a@1' }, 'b@1'))).toEqual({ from: 'a@1', to: 'b@1' })
    expect(standIn(step(0, 'numpy.add', { x1: 'a@1', x2: 'c@1' }, 'b@1'))).toBeUndefined()
    expect(standIn(step(0, 'skimage.filters.threshold_otsu', { image: 'a@1' }, 'number:b@1'))).toBeUndefined()
  })
})
