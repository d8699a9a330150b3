import { type BimsError, type MacroContent, sliceMacro, type Step } from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import { pythonHost } from '../../../src/hosts/log/index.ts'

/** The macro of a log that must be readable. */
export const macroOf = async (source: string): Promise<MacroContent> => {
  const read = await pythonHost.read(new TextEncoder().encode(source), 'log.py')()
  if (isLeft(read)) throw new Error(JSON.stringify(read.left))
  return read.right
}

/** The error of a log that must not be readable. */
export const errorOf = async (source: string): Promise<BimsError> => {
  const read = await pythonHost.read(new TextEncoder().encode(source), 'log.py')()
  if (isLeft(read)) return read.left
  throw new Error(`read: ${JSON.stringify(read.right.steps)}`)
}

/** Steps as `operation(reads) -> writes`, to be compared at a glance; session state is left out. */
export const outline = (steps: readonly Step[]): readonly string[] =>
  steps.map(({ operation, reads, writes }) => {
    const list = (effects: readonly { readonly arg: string; readonly value: string }[]): string =>
      effects
        .filter(({ value }) => !/^(?:state|random|preference|active):session@/.test(value))
        .map(({ arg, value }) => `${arg}=${value}`)
        .join(' ')
    return `${operation.id}(${list(reads)}) -> ${list(writes)}`
  })

/** Indexes of the steps that a slice keeps. */
export const keptFor = (macro: MacroContent, name: string): readonly number[] => {
  const slice = sliceMacro(macro, name)
  if (isLeft(slice)) throw new Error(JSON.stringify(slice.left))
  return slice.right.kept.map(step => step.index)
}
