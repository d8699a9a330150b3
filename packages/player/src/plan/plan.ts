import {
  newError,
  parseValueName,
  type BimsError,
  type Issue,
  type JsonValue,
  type MacroInput,
  type MacroOutput,
  type Step
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'

/** What can be replayed: a macro with its attachments read and its withheld values opened. */
export interface PlayableMacro {
  readonly inputs: readonly MacroInput[]
  readonly outputs: readonly MacroOutput[]
  readonly steps: readonly Step[]
}

/** A parameter to be changed. */
export interface ParameterChange {
  /** Index of the step in the full log. */
  readonly step: number
  readonly parameter: string
  readonly value: JsonValue
}

/** What the reader asks for. */
export interface PlayRequest {
  /** Indexes of the steps to run; the others are switched off. Absent: all. */
  readonly steps?: ReadonlySet<number>
  readonly set?: readonly ParameterChange[]
}

/** A step as it will be played. */
export interface PlannedStep {
  /** With changed parameters in place. */
  readonly step: Step
  readonly run: boolean
  /** Names of changed parameters. */
  readonly changed: readonly string[]
  /** Values that no later step reads and that are no output: they may be forgotten after this step. */
  readonly lastUse: readonly string[]
}

/** A replay, planned. */
export interface Plan {
  readonly inputs: readonly MacroInput[]
  readonly outputs: readonly MacroOutput[]
  readonly steps: readonly PlannedStep[]
}

const problems = ({ steps }: PlayableMacro, request: PlayRequest): readonly Issue[] => {
  const known = new Map(steps.map(step => [step.index, step]))
  const listed = [...known.keys()].join(', ')
  const missing = [...(request.steps ?? [])].filter(index => !known.has(index))
  return [
    ...missing.map(index => ({ at: `step ${index}`, what: `the macro has no step ${index}; it has ${listed}` })),
    ...(request.set ?? []).flatMap(({ parameter, step }) => {
      const found = known.get(step)
      if (found === undefined) return [{ at: `step ${step}`, what: `the macro has no step ${step}; it has ${listed}` }]
      return found.parameters.some(candidate => candidate.name === parameter)
        ? []
        : [
            {
              at: `step ${step}`,
              what: `${found.operation.id} has no parameter ${parameter}; it has ${found.parameters.map(p => p.name).join(', ') || 'none'}`
            }
          ]
    })
  ]
}

const withChanges = (step: Step, changes: readonly ParameterChange[]): Step => {
  const values = new Map(
    changes.filter(change => change.step === step.index).map(change => [change.parameter, change.value])
  )
  return values.size === 0
    ? step
    : {
        ...step,
        parameters: step.parameters.map(parameter => {
          const value = values.get(parameter.name)
          return value === undefined ? parameter : { ...parameter, value, origin: 'typed' }
        })
      }
}

const lastUses = (steps: readonly Step[], outputs: readonly MacroOutput[]): ReadonlyMap<number, readonly string[]> => {
  const last = new Map<string, number>()
  steps.forEach((step, i) => [...step.reads, ...step.writes].forEach(({ value }) => last.set(value, i)))
  outputs.forEach(output => last.delete(output.value))
  const byStep = new Map<number, string[]>()
  for (const [value, i] of last) byStep.set(i, [...(byStep.get(i) ?? []), value])
  return byStep
}

/** Plans a replay. Fails with `usage`, all unknown steps and parameters in `issues`. */
export const planReplay = (macro: PlayableMacro, request: PlayRequest = {}): E.Either<BimsError, Plan> => {
  const issues = problems(macro, request)
  if (issues.length > 0) {
    return E.left(
      newError(
        'usage',
        `The replay cannot be planned: ${issues.map(issue => issue.what).join('; ')}.`,
        'Name steps by their index in the full log, as `bims replay` lists them.',
        { issues }
      )
    )
  }
  const uses = lastUses(macro.steps, macro.outputs)
  return E.right({
    inputs: macro.inputs,
    outputs: macro.outputs,
    steps: macro.steps.map((step, i) => ({
      step: withChanges(step, request.set ?? []),
      run: request.steps?.has(step.index) ?? true,
      changed: (request.set ?? []).filter(change => change.step === step.index).map(change => change.parameter),
      lastUse: uses.get(i) ?? []
    }))
  })
}

/**
 * For a step that is switched off: the image that stands in for its result, where it reads and writes exactly one.
 * Undefined where the step has no such stand-in, so that what depends on it cannot run.
 */
export const standIn = (step: Step): { readonly from: string; readonly to: string } | undefined => {
  const images = (values: readonly { readonly value: string }[]): readonly string[] =>
    values.map(({ value }) => value).filter(value => parseValueName(value)?.kind === 'image')
  const [from, ...moreReads] = images(step.reads)
  const [to, ...moreWrites] = images(step.writes)
  return from === undefined || to === undefined || moreReads.length + moreWrites.length > 0 ? undefined : { from, to }
}
