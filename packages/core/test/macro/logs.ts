import fc from 'fast-check'
import type { MacroContent, Step } from '@bims/core'

/** A step that reads and writes values and nothing else. */
export const bareStep = (
  index: number,
  reads: readonly string[],
  writes: readonly string[],
  more: Partial<Step> = {}
): Step => ({
  index,
  operation: { id: `op${index}`, name: `op${index}`, tool: 'test', version: '1' },
  parameters: [],
  reads: reads.map((value, i) => ({ arg: `x${i}`, value })),
  writes: writes.map((value, i) => ({ arg: i === 0 ? 'return' : `return[${i}]`, value })),
  code: `op${index}()`,
  doc: '',
  evidence: 'recorded',
  ...more
})

/** A log over inputs `a@0`, `b@0`. */
export const logOf = (steps: readonly Step[], outputs: MacroContent['outputs'] = []): MacroContent => ({
  host: { name: 'test' },
  language: 'python',
  environment: {},
  inputs: [
    { name: 'a', value: 'a@0' },
    { name: 'b', value: 'b@0' }
  ],
  outputs,
  steps
})

const names = ['a', 'b', 'c', 'd']

/** Random logs: each step reads values that are there and writes new versions of up to two names, some of them displays. */
export const randomLog: fc.Arbitrary<MacroContent> = fc
  .array(
    fc.record({
      reads: fc.array(fc.nat(), { maxLength: 3 }),
      writes: fc.uniqueArray(fc.constantFrom(...names, 'display:a', 'roi:b'), { minLength: 0, maxLength: 2 }),
      reverts: fc.option(fc.nat(), { freq: 5 })
    }),
    { maxLength: 30 }
  )
  .map(plan => {
    const values = ['a@0', 'b@0']
    const versions = new Map<string, number>()
    return logOf(
      plan.map(({ reads, reverts, writes }, i) => {
        const read = [...new Set(reads.map(n => values[n % values.length] as string))]
        const written = writes.map(name => {
          const version = (versions.get(name) ?? 0) + 1
          versions.set(name, version)
          return `${name}@${version}`
        })
        values.push(...written)
        return bareStep(i, read, written, reverts === null || i === 0 ? {} : { reverts: reverts % i })
      })
    )
  })
