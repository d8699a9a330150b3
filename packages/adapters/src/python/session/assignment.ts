import type { Expression } from '../syntax.ts'
import type { Computation } from './call-arguments.ts'
import { computationOf, evaluate } from './evaluate.ts'
import { openCall } from './files.ts'
import type { CallEffects } from './knowledge.ts'
import type { LogState } from './log-state.ts'
import { type Action, perform, type StepContext } from './perform.ts'
import { assign, revert } from './python-effects.ts'
import type { Binding } from './scope.ts'
import type { Value } from './value.ts'

/** The names that a statement assigns to, one list for every `=`. */
export type Targets = Action['targets']

export const singleTarget = (targets: Targets): string | undefined =>
  targets.length === 1 && targets[0]?.length === 1 ? targets[0][0] : undefined

export const performComputation = (context: StepContext, computation: Computation, targets: Targets): void => {
  const { state } = context
  const file = computation.effects?.file
  if (file?.mode === 'open') {
    const opened = openCall(context, computation, singleTarget(targets))
    if (opened !== undefined) return
  }
  perform(context, { ...computation, targets, binds: [], nested: false })
  if (computation.effects?.deletes !== undefined) deleteArgument(state, computation)
}

const deleteArgument = (state: LogState, computation: Computation): void => {
  const at = computation.effects?.signature.indexOf(computation.effects.deletes ?? '') ?? -1
  const value = computation.arguments[at]?.value
  if (value?.kind === 'binding' && value.variable !== undefined) state.scope.unbind(value.variable)
}

export const constantKinds: ReadonlySet<string> = new Set(['list', 'dict', 'list of float', 'dict of float'])

/** A constant gets a step of its own, so that a slice keeps the line that defines it. */
const assignConstant = (context: StepContext, value: Value & { readonly kind: 'literal' }, targets: Targets): void => {
  const effects: CallEffects = { ...assign, result: 'number', doc: 'Defines a constant.' }
  perform(context, {
    id: assign.id,
    effects,
    arguments: [{ keyword: undefined, value }],
    targets,
    everything: false,
    binds: [],
    nested: false
  })
  for (const [name] of targets) {
    const binding = name === undefined ? undefined : context.state.scope.variables.get(name)
    if (name !== undefined && binding !== undefined && targets.every(names => names.length === 1)) {
      context.state.scope.bind(name, {
        ...binding,
        literal: value.literal,
        mutable: constantKinds.has(value.literal.type),
        made: false
      })
    }
  }
}

/** Values in a list may be changed through it; code such as `image.shape` is a number or something like it. */
const assignedKind = (value: Value): Partial<CallEffects> => {
  if (value.kind === 'binding') return value.binding.kind === 'image' ? {} : { resultKind: value.binding.kind }
  return value.kind === 'sequence' ? { resultKind: 'state' } : { result: 'number' }
}

/** Another name for one object, with all that is known of it. */
const shareObject = (context: StepContext, { object, runs, mutable }: Binding, targets: Targets): void => {
  const { scope } = context.state
  for (const [name, ...more] of targets) {
    const binding = name === undefined || more.length > 0 ? undefined : scope.variables.get(name)
    if (name !== undefined && binding !== undefined) scope.bind(name, { ...binding, object, runs, mutable })
  }
}

const assignValue = (context: StepContext, value: Value, targets: Targets): void => {
  if (value.kind === 'code' && value.calls) {
    perform(named(context, 'expression'), {
      id: '',
      effects: undefined,
      arguments: [{ keyword: 'value', value }],
      targets,
      everything: true,
      binds: [],
      nested: false
    })
    return
  }
  perform(context, {
    id: assign.id,
    effects: { ...assign, ...assignedKind(value) },
    arguments: [{ keyword: undefined, value }],
    targets,
    everything: false,
    binds: [],
    nested: false
  })
  if (value.kind === 'binding') shareObject(context, value.binding, targets)
}

/**
 * `a = kept_a_1` in a block that reverts: the name stands for the kept version again. No new version is made, so that
 * a slice needs neither the step that was undone nor this one.
 */
const restoresVersion = (context: StepContext, targets: Targets, value: Expression): boolean => {
  const target = singleTarget(targets)
  const { scope } = context.state
  const binding = value.kind === 'name' ? scope.variables.get(value.name) : undefined
  const reverts = context.notes.reverts !== undefined && context.block.framed
  if (!reverts || target === undefined || value.kind !== 'name' || binding?.kept !== true) return false
  const given: Value = { kind: 'binding', binding, variable: value.name }
  perform(context, {
    id: revert.id,
    effects: revert,
    arguments: [{ keyword: undefined, value: given }],
    targets: [],
    everything: false,
    binds: [],
    nested: false
  })
  const { object, kind, value: version, runs, mutable, made } = binding
  scope.bind(target, { object, kind, value: version, runs, mutable, made })
  return true
}

export const runAssignment = (context: StepContext, targets: Targets, value: Expression): void => {
  if (restoresVersion(context, targets, value)) return
  const computation = computationOf(context, value)
  if (computation !== undefined) return performComputation(context, computation, targets)
  const known = evaluate(context, value)
  if (known.kind === 'literal') assignConstant(context, known, targets)
  else assignValue(context, known, targets)
}

/** Code that is not understood is called after its form, where its block gives no name. */
export const named = (context: StepContext, form: string): StepContext => ({
  ...context,
  notes: { ...context.notes, name: context.notes.name ?? form }
})
