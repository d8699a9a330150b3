import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { parseValueName, sliceMacro, type MacroContent } from '@bims/core'
import { codeOf, left, right } from '../fixtures/either.ts'
import { exampleLog } from '../fixtures/example-log.ts'
import { bareStep, logOf, randomLog } from './logs.ts'

// Much work, and machines may be busy: no test here fails on a time.
vi.setConfig({ testTimeout: 300_000 })

/** Images of a log: those that a slice can be asked for. */
const imagesOf = (log: MacroContent): readonly string[] => [
  ...new Set(
    [
      ...log.inputs.map(input => input.value),
      ...log.steps.flatMap(step => step.writes.map(write => write.value))
    ].flatMap(value => {
      const parsed = parseValueName(value)
      return parsed?.kind === 'image' ? [parsed.name] : []
    })
  )
]

describe('a slice', () => {
  it('of the example keeps what made the mask and says why not the others', () => {
    const slice = right(sliceMacro(exampleLog, 'mask'))
    expect(slice.value).toBe('mask@2')
    expect(slice.kept.map(step => step.index)).toEqual([0, 3, 4, 6])
    expect(slice.dropped).toEqual([
      { step: 1, reason: 'display-only' },
      { step: 2, reason: 'unrelated' },
      { step: 5, reason: 'overwritten' }
    ])
    expect(slice.inputs).toEqual(['raw'])
  })

  it('is closed, minimal, and every writer of what it wants', () => {
    fc.assert(
      fc.property(randomLog, log => {
        for (const name of imagesOf(log)) {
          const slice = right(sliceMacro(log, name))
          const kept = new Set(slice.kept.map(step => step.index))
          const wanted = new Set([slice.value, ...slice.kept.flatMap(step => step.reads.map(read => read.value))])
          // Closed: who writes a wanted value is kept.
          for (const step of log.steps)
            if (step.writes.some(write => wanted.has(write.value))) expect(kept.has(step.index)).toBe(true)
          // Minimal: what is kept writes the image of interest or what a later kept step reads.
          for (const step of slice.kept) {
            const later = new Set([
              slice.value,
              ...slice.kept
                .filter(other => other.index > step.index)
                .flatMap(other => other.reads.map(read => read.value))
            ])
            expect(step.writes.some(write => later.has(write.value))).toBe(true)
          }
          // In order, and everything is either kept or dropped.
          expect(slice.kept).toEqual(log.steps.filter(step => kept.has(step.index)))
          expect([...kept, ...slice.dropped.map(({ step }) => step)].sort((x, y) => x - y)).toEqual(
            log.steps.map(step => step.index)
          )
          expect(slice.inputs).toEqual(log.inputs.filter(input => wanted.has(input.value)).map(input => input.name))
          // The slice of a slice is the slice.
          const again = right(
            sliceMacro(
              {
                ...log,
                outputs: [],
                steps: slice.kept.map((step, i) => ({ ...step, index: i, reverts: undefined }) as never)
              },
              name
            )
          )
          expect(again.kept).toHaveLength(slice.kept.length)
        }
      })
    )
  })

  it('takes the newest version, unless the log says which one an output is', () => {
    const log = logOf([bareStep(0, ['a@0'], ['a@1']), bareStep(1, ['a@1'], ['a@2'])])
    expect(right(sliceMacro(log, 'a')).kept).toHaveLength(2)
    expect(right(sliceMacro({ ...log, outputs: [{ name: 'a', value: 'a@1' }] }, 'a')).kept).toHaveLength(1)
    expect(right(sliceMacro(log, 'b'))).toEqual({
      value: 'b@0',
      kept: [],
      inputs: ['b'],
      dropped: [
        { step: 0, reason: 'unrelated' },
        { step: 1, reason: 'unrelated' }
      ]
    })
  })

  it('gives each reason where it belongs', () => {
    const log = logOf([
      bareStep(0, ['a@0'], ['c@1']),
      bareStep(1, ['c@1'], ['display:c@1', 'active:view@1']),
      bareStep(2, ['c@1'], ['c@2']),
      bareStep(3, ['c@2'], ['c@3'], { reverts: 2 }),
      bareStep(4, ['b@0'], ['d@1']),
      bareStep(5, ['a@0'], []),
      bareStep(6, ['c@1'], ['e@1'])
    ])
    expect(right(sliceMacro(log, 'e')).dropped).toEqual([
      { step: 1, reason: 'display-only' },
      { step: 2, reason: 'undone' },
      { step: 3, reason: 'undone' },
      { step: 4, reason: 'unrelated' },
      { step: 5, reason: 'unrelated' }
    ])
    const overwritten = logOf([bareStep(0, ['a@0'], ['c@1']), bareStep(1, ['b@0'], ['c@2'])])
    expect(right(sliceMacro(overwritten, 'c')).dropped).toEqual([{ step: 0, reason: 'overwritten' }])
  })

  it('follows a display range that an operation reads', () => {
    const log = logOf([
      bareStep(0, ['a@0'], ['display:a@1']),
      bareStep(1, ['a@0', 'display:a@1'], ['a@1']),
      bareStep(2, ['a@1', 'display:a@0'], ['a@2'])
    ])
    expect(right(sliceMacro(log, 'a')).dropped).toEqual([])
  })

  it.each([
    ['a number that is not its place', [bareStep(1, [], ['c@1'])]],
    ['an image that is read before it is made', [bareStep(0, ['c@1'], ['d@1']), bareStep(1, [], ['c@1'])]],
    ['an image that nobody makes', [bareStep(0, ['x@0'], ['d@1'])]],
    [
      'a display that is read before it is made',
      [bareStep(0, ['display:a@1'], ['d@1']), bareStep(1, [], ['display:a@1'])]
    ],
    ['a value that is made twice', [bareStep(0, [], ['c@1']), bareStep(1, [], ['c@1'])]],
    ['a value that one step makes twice', [bareStep(0, [], ['c@1', 'c@1'])]],
    ['an input that is made', [bareStep(0, [], ['a@0'])]],
    ['a step that reads what it writes', [bareStep(0, ['c@1'], ['c@1'])]],
    ['a step that takes back itself', [bareStep(0, [], ['c@1'], { reverts: 0 })]]
  ])('is refused for %s', (_, steps) => {
    expect(codeOf(sliceMacro(logOf(steps), 'a'))).toBe('macro-invalid')
  })

  it('is refused for outputs and inputs that cannot be', () => {
    const log = logOf([])
    expect(codeOf(sliceMacro({ ...log, outputs: [{ name: 'c', value: 'c@1' }] }, 'c'))).toBe('macro-invalid')
    expect(codeOf(sliceMacro({ ...log, inputs: [...log.inputs, ...log.inputs] }, 'a'))).toBe('macro-invalid')
    const error = left(sliceMacro(log, 'nothing'))
    expect(error.code).toBe('output-unknown')
    expect(error.advice).toContain('a, b')
  })

  it('of a long log is soon there', () => {
    const log = logOf(Array.from({ length: 100_000 }, (_, i) => bareStep(i, [`a@${i}`], [`a@${i + 1}`])))
    const slice = sliceMacro(log, 'a')
    expect(E.isRight(slice) && slice.right.kept.length).toBe(100_000)
  })
})
