import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError, type Issue } from '../errors.ts'
import type { MacroContent, Step } from './macro.ts'
import { parseValueName } from './value-name.ts'

/** Why a step is not part of a slice. */
export type DropReason = 'unrelated' | 'display-only' | 'undone' | 'overwritten'

/** A slice of a log for one image of interest. */
export interface Slice {
  /** The image of interest as it was at the end of the log, e.g. `mask@3`. */
  readonly value: string
  /** The steps that made it, in order. */
  readonly kept: readonly Step[]
  readonly dropped: readonly { readonly step: number; readonly reason: DropReason }[]
  /** Names of the inputs that the kept steps read, or of the image itself where nothing changed it. */
  readonly inputs: readonly string[]
}

const readIssues = (
  step: Step,
  i: number,
  made: ReadonlySet<string>,
  writers: ReadonlyMap<string, number>
): readonly Issue[] =>
  step.reads.flatMap(({ value }) => {
    // A display range or a table may have been there before the log; an image is always opened by it.
    const early = (writers.get(value) ?? -1) >= i || (parseValueName(value)?.kind === 'image' && !made.has(value))
    return early ? [{ at: `/steps/${i}/reads`, what: `${value} is read before it is made` }] : []
  })

const stepIssues = (step: Step, i: number, made: ReadonlySet<string>): readonly Issue[] => {
  const at = `/steps/${i}`
  const issues: Issue[] = step.index === i ? [] : [{ at: `${at}/index`, what: `expected ${i}, found ${step.index}` }]
  const own = new Set<string>()
  for (const { value } of step.writes) {
    if (made.has(value) || own.has(value)) issues.push({ at: `${at}/writes`, what: `${value} is made twice` })
    own.add(value)
  }
  if (step.reverts !== undefined && step.reverts >= i)
    issues.push({ at: `${at}/reverts`, what: `step ${step.reverts} is not before step ${i}` })
  return issues
}

/** Checks that the steps are numbered from 0 and that every value is made once and before it is read. */
const checkSteps = ({ inputs, outputs, steps }: MacroContent): readonly Issue[] => {
  const issues: Issue[] = []
  const made = new Set<string>()
  for (const [i, { value }] of inputs.entries()) {
    if (made.has(value)) issues.push({ at: `/inputs/${i}`, what: `${value} is made twice` })
    made.add(value)
  }
  const writers = new Map(steps.flatMap((step, i) => step.writes.map(write => [write.value, i] as const)))
  for (const [i, step] of steps.entries()) {
    issues.push(...readIssues(step, i, made, writers), ...stepIssues(step, i, made))
    for (const { value } of step.writes) made.add(value)
  }
  for (const [i, { value }] of outputs.entries())
    if (!made.has(value)) issues.push({ at: `/outputs/${i}`, what: `${value} is made by no step` })
  return issues
}

const newest = (macro: MacroContent, name: string): string | undefined => {
  const output = macro.outputs.find(candidate => candidate.name === name)
  if (output !== undefined) return output.value
  const versions = [
    ...macro.inputs.map(input => input.value),
    ...macro.steps.flatMap(step => step.writes.map(write => write.value))
  ]
  return versions.findLast(value => {
    const parsed = parseValueName(value)
    return parsed?.kind === 'image' && parsed.name === name
  })
}

const nameOf = (value: string): string => value.slice(0, value.lastIndexOf('@'))

const reasonFor = (step: Step, undone: ReadonlySet<number>, keptNames: ReadonlySet<string>): DropReason => {
  if (step.reverts !== undefined || undone.has(step.index)) return 'undone'
  const kinds = step.writes.map(({ value }) => parseValueName(value)?.kind)
  if (kinds.length > 0 && kinds.every(kind => kind === 'display' || kind === 'active' || kind === 'preference'))
    return 'display-only'
  return step.writes.some(({ value }) => keptNames.has(nameOf(value))) ? 'overwritten' : 'unrelated'
}

/**
 * The steps of a full log that made the image `name` as it stands at the log's end: backward closure over reads and
 * writes. How unknown operations reach further values is decided by the host adapter that read the log; here every
 * step is what its reads and writes say. Fails with `output-unknown`, `macro-invalid`.
 */
export const sliceMacro = (macro: MacroContent, name: string): E.Either<BimsError, Slice> => {
  const issues = checkSteps(macro)
  if (issues.length > 0) {
    return E.left(
      newError(
        'macro-invalid',
        `The log contradicts itself: ${issues[0]?.what}.`,
        'Read the log again with its host adapter.',
        { issues }
      )
    )
  }
  const value = newest(macro, name)
  if (value === undefined) {
    const names = [...new Set([...macro.inputs.map(input => input.name), ...macro.outputs.map(output => output.name)])]
    return E.left(
      newError(
        'output-unknown',
        `The log makes no image called "${name}".`,
        `It knows ${names.length === 0 ? 'none' : names.join(', ')}; name one with --output.`
      )
    )
  }
  const wanted = new Set([value])
  const kept: Step[] = []
  for (const step of [...macro.steps].reverse()) {
    if (!step.writes.some(write => wanted.has(write.value))) continue
    kept.push(step)
    for (const read of step.reads) wanted.add(read.value)
  }
  kept.reverse()
  const keptIndexes = new Set(kept.map(step => step.index))
  const keptNames = new Set([...wanted].map(nameOf))
  const undone = new Set(macro.steps.flatMap(step => (step.reverts === undefined ? [] : [step.reverts])))
  return E.right({
    value,
    kept,
    dropped: macro.steps
      .filter(step => !keptIndexes.has(step.index))
      .map(step => ({ step: step.index, reason: reasonFor(step, undone, keptNames) })),
    inputs: macro.inputs.filter(input => wanted.has(input.value)).map(input => input.name)
  })
}
