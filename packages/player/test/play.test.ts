import { arrayDigest, type BimsError } from '@bims/core'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  asSaved,
  executorOf,
  jsExecutor,
  planReplay,
  Play,
  type NamedArray,
  type PlayableMacro,
  type PlayRequest,
  type StepReport
} from '../src/index.ts'
import { maskMacro, rawPixels, step } from './fixtures.ts'

const played = async (
  macro: PlayableMacro,
  options: {
    request?: PlayRequest
    inputs?: ReadonlyMap<string, NamedArray>
    recorded?: ReadonlyMap<string, NamedArray>
    tolerance?: number
    signal?: AbortSignal
  } = {}
) => {
  const plan = planReplay(macro, options.request)
  if (isLeft(plan)) throw new Error(plan.left.what)
  const { recorded, signal, tolerance } = options
  const play = new Play(plan.right, {
    executor: jsExecutor,
    inputs: options.inputs ?? new Map([['raw', rawPixels()]]),
    ...(recorded === undefined ? {} : { recorded }),
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(signal === undefined ? {} : { signal })
  })
  try {
    const steps: StepReport[] = []
    for await (const report of play) steps.push(report)
    const mask = await play.output('mask')
    return { steps, outputs: await play.outputs(), mask, statuses: steps.map(({ status }) => status) }
  } finally {
    await play.close()
  }
}

describe('Play', () => {
  it('runs every step and says what each made', async () => {
    const { mask, outputs, statuses, steps } = await played(maskMacro)
    expect(statuses).toEqual(['ran', 'ran', 'ran'])
    expect(steps.map(({ index }) => index)).toEqual([0, 2, 5])
    expect(steps[1]?.made[0]).toMatchObject({ value: 'number:level@1', shape: [] })
    expect(mask?.array.dtype).toBe('bool')
    expect(outputs).toHaveLength(1)
    // A bool image is digested as it would be saved.
    expect(outputs[0]?.digest).toBe(arrayDigest(asSaved(mask?.array ?? rawPixels().array), ['y', 'x']).digest)
  })

  it('is equal to what was recorded, and the same each time', async () => {
    const first = await played(maskMacro)
    const digests = new Map(
      first.steps.flatMap(({ made }) => made.map(({ digest, value }) => [value, digest] as const))
    )
    const recorded: PlayableMacro = {
      ...maskMacro,
      outputs: [{ name: 'mask', value: 'mask@1', digest: first.outputs[0]?.digest ?? '' }],
      steps: maskMacro.steps.map(one => ({
        ...one,
        writes: one.writes.map(write => ({ ...write, digest: digests.get(write.value) ?? '' }))
      }))
    }
    const again = await played(recorded)
    expect(again.statuses).toEqual(['equal', 'equal', 'equal'])
    expect(again.outputs[0]).toMatchObject({ equal: true })
    const changed = await played(recorded, { request: { set: [{ step: 0, parameter: 'sigma', value: 6 }] } })
    expect(changed.statuses[0]).toBe('differs')
    expect(changed.steps[0]?.changed).toEqual(['sigma'])
    expect(changed.outputs[0]).toMatchObject({ equal: false })
  })

  it('measures the difference to recorded pixels, and judges it by the tolerance', async () => {
    const first = await played({
      ...maskMacro,
      outputs: [{ name: 'mask', value: 'smooth@1' }],
      steps: maskMacro.steps.slice(0, 1)
    })
    const smooth = first.outputs[0]
    const pixels = (
      await played({ ...maskMacro, outputs: [{ name: 'mask', value: 'smooth@1' }], steps: maskMacro.steps.slice(0, 1) })
    ).mask
    if (pixels === undefined || smooth === undefined) throw new Error('nothing was made')
    const data = Float64Array.from(pixels.array.data as Float64Array)
    data[17] = (data[17] ?? 0) + 1e-9
    const other: NamedArray = {
      axes: ['y', 'x'],
      array: { shape: pixels.array.shape, dtype: pixels.array.dtype, data }
    }
    const macro: PlayableMacro = {
      ...maskMacro,
      outputs: [{ name: 'mask', value: 'smooth@1', digest: arrayDigest(other.array, other.axes).digest }],
      steps: maskMacro.steps.slice(0, 1)
    }
    const recorded = new Map([['mask', other]])
    const strict = await played(macro, { recorded })
    expect(strict.statuses).toEqual(['differs'])
    expect(strict.steps[0]?.difference).toMatchObject({ count: 1, total: 1200 })
    expect(strict.steps[0]?.difference?.max).toBeCloseTo(1e-9, 12)
    expect((await played(macro, { recorded, tolerance: 1e-6 })).statuses).toEqual(['within-tolerance'])
  })

  it('lets the input stand in for the result of a step that is switched off', async () => {
    const { mask, statuses } = await played(maskMacro, { request: { steps: new Set([2, 5]) } })
    expect(statuses).toEqual(['skipped', 'ran', 'ran'])
    expect(mask?.array.shape).toEqual([30, 40])
    const withoutLevel = await played(maskMacro, { request: { steps: new Set([0, 5]) } })
    expect(withoutLevel.statuses).toEqual(['ran', 'skipped', 'not-runnable'])
    expect(withoutLevel.outputs).toEqual([])
  })

  it('says what cannot be run, and what it keeps from running', async () => {
    const strange: PlayableMacro = {
      ...maskMacro,
      steps: [step(0, 'myviewer.paint', { image: 'raw@0' }, 'smooth@1'), ...maskMacro.steps.slice(1)]
    }
    const { statuses, steps } = await played(strange)
    expect(statuses).toEqual(['not-runnable', 'not-runnable', 'not-runnable'])
    expect(steps[0]?.why).toContain('myviewer.paint')
    expect(steps[1]?.why).toContain('smooth@1')
  })

  it('fails at a step whose parameters the operation does not take', async () => {
    const { statuses, steps } = await played({
      ...maskMacro,
      steps: [step(0, 'skimage.filters.gaussian', { image: 'raw@0' }, 'smooth@1', { sigma: 'wide' })]
    })
    expect(statuses).toEqual(['failed'])
    expect(steps[0]?.why).toContain('sigma')
  })

  it('does not run what needs an input of another kind', async () => {
    const asking: PlayableMacro = {
      ...maskMacro,
      inputs: [{ name: 'raw', value: 'raw@0', preconditions: { dtype: 'uint16', axes: ['y', 'x'] } }]
    }
    const { statuses, steps } = await played(asking)
    expect(statuses).toEqual(['input-mismatch', 'not-runnable', 'not-runnable'])
    expect(steps[0]?.why).toBe('raw must be uint16 and is uint8')
    expect((await played(maskMacro, { inputs: new Map() })).statuses[0]).toBe('input-mismatch')
  })

  it('can be stopped before and while it runs', async () => {
    const stop = new AbortController()
    stop.abort()
    await expect(played(maskMacro, { signal: stop.signal })).rejects.toMatchObject({
      code: 'interrupted'
    } satisfies Partial<BimsError>)
  })
})

describe('executorOf', () => {
  it('names the executors that come later', () => {
    for (const id of ['python', 'imagej', 'host']) {
      const executor = executorOf(id)
      expect(isLeft(executor) && executor.left.code).toBe('executor-unavailable')
    }
    expect(isRight(executorOf('js'))).toBe(true)
  })
})
