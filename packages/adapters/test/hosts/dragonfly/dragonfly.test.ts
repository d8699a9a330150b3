import { type MacroContent, sliceMacro } from '@bims/core'
import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it, vi } from 'vitest'
import { dragonflyHost } from '../../../src/hosts/dragonfly/index.ts'
import { outline } from '../log/reading.ts'
import { type ActionBlock, actionLog, objectHistory } from './action-log.ts'

// No test fails on a time: the machine may be busy.
vi.setConfig({ testTimeout: 600_000 })

const read = async (source: string): Promise<MacroContent> => {
  const macro = await dragonflyHost.read(new TextEncoder().encode(source), 'log.py')()
  if (isLeft(macro)) throw new Error(JSON.stringify(macro.left))
  return macro.right
}

const keptFor = (macro: MacroContent, name: string): readonly number[] => {
  const slice = sliceMacro(macro, name)
  if (isLeft(slice)) throw new Error(JSON.stringify(slice.left))
  return slice.right.kept.map(step => step.index)
}

const erode = (roi: string, size = 3): ActionBlock => ({
  name: 'erode',
  doc: 'Shrinks a ROI.',
  parameters: { kernelSize: String(size), kernelShape: "'square'" },
  code: `OrsVolumeROITools.erode(aROIToModify=${roi},\n                        kernelSize=kernelSize,\n                        kernelShape=kernelShape)`
})

describe('dragonflyHost', () => {
  it('reads header, inputs and parameters', async () => {
    const macro = await read(actionLog([erode('aROI', 5)]))
    expect(macro.host).toEqual({ name: 'Dragonfly', version: '2024.1.0.1601' })
    expect(macro.inputs).toEqual([{ name: 'aROI', value: 'aROI@0' }])
    expect(macro.outputs).toEqual([{ name: 'aROI', value: 'aROI@1' }])
    expect(macro.steps).toHaveLength(1)
    expect(macro.steps[0]).toMatchObject({
      operation: { id: 'OrsVolumeROITools.erode', name: 'erode', tool: 'Dragonfly', version: '2024.1.0.1601' },
      doc: 'Shrinks a ROI.',
      evidence: 'recorded',
      parameters: [
        { name: 'kernelSize', type: 'int', value: 5, doc: 'The kernelSize of the operation.', origin: 'typed' },
        { name: 'kernelShape', type: 'object', value: 'square' }
      ],
      reads: [{ arg: 'aROIToModify', value: 'aROI@0' }],
      writes: [{ arg: 'aROIToModify', value: 'aROI@1' }]
    })
    expect(macro.steps[0]?.code).toMatch(/^kernelSize = 5\n/)
  })

  it('reads an edited loop as its iterations', async () => {
    const block = erode('aROI')
    const { steps } = await read(
      actionLog([{ ...block, code: `for i in range(20):\n   ${block.code.replaceAll('\n', '\n   ')}` }])
    )
    expect(steps).toHaveLength(20)
    expect(steps.at(-1)).toMatchObject({
      evidence: 'edited',
      writes: [{ value: 'aROI@20' }],
      template: expect.stringMatching(/^for i in range/) as string
    })
  })

  it('knows progress bars for noise, and deletion for the end of a name', async () => {
    const { steps, inputs } = await read(
      actionLog([
        { name: '__new__', code: 'aProgress = Progress(logging=True)', results: { aProgress: 'B9CxvProgress' } },
        {
          name: 'startWorkingProgressWithID',
          parameters: { iID: '45' },
          code: 'aProgress.startWorkingProgressWithID(iID=iID,\n                                     logging=True)'
        },
        erode('aROI'),
        { name: 'publish', code: 'aROI.publish(logging=True)' },
        { name: 'deleteObject', code: 'aProgress.deleteObject(logging=True)' },
        { name: 'deleteObject', code: 'aROI.deleteObject(logging=True)' },
        erode('aROI')
      ])
    )
    expect(outline(steps)).toEqual([
      'Progress() -> return=state:aProgress@0',
      'Progress.startWorkingProgressWithID(self=state:aProgress@0) -> self=state:aProgress@1',
      'OrsVolumeROITools.erode(aROIToModify=aROI@0) -> aROIToModify=aROI@1',
      'publish(self=aROI@1) -> display=display:aROI@0',
      'deleteObject(self=state:aProgress@1) -> ',
      'deleteObject(self=aROI@1) -> ',
      'OrsVolumeROITools.erode(aROIToModify=aROI_2@0) -> aROIToModify=aROI@2'
    ])
    expect(inputs.map(({ name }) => name)).toEqual(['aROI', 'aROI_2'])
  })

  it('knows an object by its identifier', async () => {
    const { steps, inputs } = await read(
      actionLog([
        { name: 'make', code: 'aROI = OrsHelper.make(aChannel=aChannel)', results: { aROI: 'AA00CxvVolume_ROI' } },
        { ...erode('other'), code: `other = orsObj('AA00CxvVolume_ROI')\n${erode('other').code}` },
        { name: 'x', code: "third = orsObj('FF11CxvChannel')\nOrsVolumeROITools.erode(aROIToModify=third)" }
      ])
    )
    expect(outline(steps)[1]).toBe(
      'OrsVolumeROITools.erode(aROIToModify=aROI@0 shared:aChannel=aChannel@1 shared:aROI=aROI@0) -> shared:aChannel=aChannel@2 shared:aROI=aROI@1 aROIToModify=other@0'
    )
    expect(inputs).toEqual([
      { name: 'aChannel', value: 'aChannel@0' },
      { name: 'third', value: 'third@0', file: 'FF11CxvChannel' }
    ])
  })

  it('takes what it does not know to change what it is given', async () => {
    const { steps } = await read(
      actionLog([{ name: 'x', parameters: { n: '3' }, code: 'aMesh = OrsMeshHelper.mesh(aROI=aROI, n=n)' }])
    )
    expect(outline(steps)).toEqual(['OrsMeshHelper.mesh(aROI=aROI@0) -> aROI=aROI@1 return=aMesh@0'])
    expect(steps[0]?.reads.map(({ arg }) => arg)).toContain('state')
  })
})

describe('against "Extract Object History as Macro"', () => {
  const blocks: readonly ActionBlock[] = [
    { name: 'copy', code: 'aROI = OrsROI.fromChannel(aChannel=aChannel)', results: { aROI: 'A1' } },
    erode('aROI'),
    erode('anOther'),
    { name: 'rename', code: 'aMesh = OrsMesh.fromROI(aROI=anOther)', results: { aMesh: 'A2' } },
    erode('aROI', 7),
    { name: 'deleteObject', code: 'anOther.deleteObject(logging=True)' }
  ]

  it('keeps the changes in place that the baseline loses', async () => {
    const macro = await read(actionLog(blocks))
    expect(objectHistory(blocks, 'aROI')).toEqual([0])
    expect(keptFor(macro, 'aROI')).toEqual([0, 1, 4])
  })

  it('never loses a block that changes the object of interest', async () => {
    const roi = fc.constantFrom('a', 'b', 'c')
    const block = fc.oneof(
      roi.map(name => erode(name)),
      fc.record({ from: roi, to: roi }).map(({ from, to }): ActionBlock => ({
        name: 'derive',
        code: `${to} = OrsHelper.derive(aROI=${from})`,
        results: { [to]: 'X' }
      }))
    )
    await fc.assert(
      fc.asyncProperty(fc.array(block, { minLength: 1, maxLength: 12 }), roi, async (log, wanted) => {
        const macro = await read(actionLog(log))
        const slice = sliceMacro(macro, wanted)
        if (!isRight(slice)) return
        const kept = new Set(slice.right.kept.map(step => step.index))
        // What counts is what happened to the object since the name was last bound.
        const bound = log.findLastIndex(({ code }) => code.startsWith(`${wanted} =`))
        log.forEach(({ code }, i) => {
          if (i >= bound && code.includes(`aROIToModify=${wanted},`)) expect(kept.has(i)).toBe(true)
        })
        if (bound >= 0) expect(kept.has(bound)).toBe(true)
      }),
      { numRuns: 200 }
    )
  })
})
