import type { Evidence, Read, Step, ValueKind, Write } from '@bims/core'
import type { LogBlock } from '../blocks.ts'
import type { Expression } from '../syntax.ts'
import {
  changedArguments,
  type GivenArgument,
  mayNotCopy,
  nameArguments,
  type NamedArgument,
  plainArguments
} from './call-arguments.ts'
import { normalPath } from './path.ts'
import { type CallEffects, sessionStates } from './knowledge.ts'
import type { LogState } from './log-state.ts'
import { parametersOf } from './parameters.ts'
import { type Binding, withoutLiteral } from './scope.ts'
import type { StepNotes } from './step-notes.ts'
import { bindingsOf, runsCode, type Value } from './value.ts'

/** Where a step comes from. */
export interface StepContext {
  readonly state: LogState
  readonly block: LogBlock
  readonly notes: StepNotes
  readonly evidence: Evidence
  readonly code: string
  readonly template: string | undefined
  /** What the parts of the statement are: each is worked out once. */
  readonly known: Map<Expression, Value>
}

/** A call, assignment or piece of unknown code, ready to become a step. */
export interface Action {
  /** Full path, or what else names the operation; empty for code that is not understood. */
  readonly id: string
  readonly effects: CallEffects | undefined
  readonly arguments: readonly GivenArgument[]
  /** Names that take the result: several for `a = b = f()`, several in one for `a, b = f()`. */
  readonly targets: readonly (readonly string[])[]
  /** It may run code that reaches every value. */
  readonly everything: boolean
  /** Names that such code binds itself. */
  readonly binds: readonly string[]
  /** Whether these names are of functions or classes. */
  readonly defines?: true
  /** The result has no name of its own: it is an argument of a call around this one. */
  readonly nested: boolean
}

/** Collects reads without repeats. */
const newReads = () => {
  const all: Read[] = []
  const seen = new Set<string>()
  return {
    all,
    add: (arg: string, value: string | undefined): void => {
      const key = `${arg}\n${value}`
      if (value === undefined || seen.has(key)) return
      seen.add(key)
      all.push({ arg, value })
    }
  }
}

type Reads = ReturnType<typeof newReads>

const readValue = (reads: Reads, arg: string, value: Value): void => {
  // A folded constant is a parameter; that the code needs its definition is a read of another name.
  if (value.kind === 'literal') return reads.add(`name:${value.variable ?? ''}`, value.binding?.value)
  if (value.kind === 'binding') return reads.add(arg, value.binding.value)
  if (value.kind === 'code') return value.bindings.forEach(binding => reads.add(arg, binding.value))
  value.items.forEach((item, at) => readValue(reads, `${arg}[${at}]`, item))
}

/** What one step does to the session, while it is worked out. */
interface Working {
  readonly context: StepContext
  readonly action: Action
  readonly named: readonly NamedArgument[]
  readonly reads: Reads
  readonly writes: Write[]
}

const isTarget = ({ action }: Working, variable: string): boolean =>
  action.targets.some(names => names.includes(variable))

/** A variable's value is no longer what it was; where the result is bound to it anyway, that is the new version. */
const changeVariable = (working: Working, arg: string, variable: string): void => {
  const { scope } = working.context.state
  const before = scope.variables.get(variable)
  if (before === undefined || !before.mutable || isTarget(working, variable)) return
  working.reads.add(arg, before.value)
  const value = scope.newValue(before.kind, variable)
  scope.bind(variable, { ...withoutLiteral(before), value, made: true })
  working.writes.push({ arg, value })
}

/** Variables that stand as arguments, with the names of those. */
const argumentNames = (value: Value, arg: string): readonly (readonly [string, string])[] => {
  if (value.kind === 'sequence') return value.items.flatMap((item, at) => argumentNames(item, `${arg}[${at}]`))
  return value.kind === 'code' || value.variable === undefined ? [] : [[value.variable, arg]]
}

/** All that share memory with the object change with it. */
const changeObject = (working: Working, object: number, names: ReadonlyMap<string, string>): void => {
  for (const variable of working.context.state.scope.sharing(object))
    changeVariable(working, names.get(variable) ?? `shared:${variable}`, variable)
}

const changeArgument = (working: Working, { name, value }: NamedArgument): void => {
  const names = new Map(argumentNames(value, name))
  for (const binding of bindingsOf(value)) if (binding.mutable) changeObject(working, binding.object, names)
}

const touchState = (working: Working, kind: ValueKind, name: string): void => {
  const { scope } = working.context.state
  working.reads.add(kind, scope.state(kind, name))
  working.writes.push({ arg: kind, value: scope.writeState(kind, name) })
}

/** What hangs on the variables of the arguments and of those that share memory with them. */
const touchHanging = (working: Working, variables: readonly string[]): void => {
  const { scope } = working.context.state
  for (const variable of variables) {
    for (const [kind, value] of [...scope.hanging(variable)]) {
      working.reads.add(kind, value)
      working.writes.push({ arg: kind, value: scope.hang(variable, kind) })
    }
  }
}

/** Files that the log itself wrote and that an argument names. */
const touchNamedFiles = (working: Working): void => {
  const { scope } = working.context.state
  for (const { value } of working.named) {
    const text = value.kind === 'literal' ? value.literal.value : undefined
    if (typeof text === 'string' && scope.isWritten('file', normalPath(text)))
      touchState(working, 'file', normalPath(text))
  }
}

const performUnknown = (working: Working): void => {
  const { scope } = working.context.state
  const objects = working.named
    .flatMap(({ value }) => bindingsOf(value))
    .filter(binding => binding.mutable)
    .map(binding => binding.object)
  // Each may hold the others from now on, so they change together.
  scope.link(objects)
  const [first] = objects
  if (first !== undefined) {
    touchHanging(working, scope.sharing(first))
    changeObject(working, first, new Map(working.named.flatMap(({ name, value }) => argumentNames(value, name))))
  }
  touchNamedFiles(working)
  for (const kind of sessionStates) touchState(working, kind, 'session')
}

/** Code that may reach everything: all values are read and written, and anything may hold anything afterwards. */
const performEverything = (working: Working): void => {
  const { scope } = working.context.state
  for (const { kind, value } of scope.surroundings()) working.reads.add(kind, value)
  for (const [variable, { value }] of scope.variables) working.reads.add(`shared:${variable}`, value)
  scope.linkAll()
  for (const { kind, name, hangs } of scope.surroundings()) {
    working.writes.push({ arg: kind, value: hangs ? scope.hang(name, kind) : scope.writeState(kind, name) })
  }
  for (const [variable, before] of [...scope.variables]) {
    if (isTarget(working, variable)) continue
    const value = scope.newValue(before.kind, variable)
    scope.bind(variable, {
      ...withoutLiteral(before),
      value,
      mutable: true,
      made: true,
      runs: runsAfter(working, variable, before.runs)
    })
    working.writes.push({ arg: `shared:${variable}`, value })
  }
  for (const variable of working.action.binds) bindUnknown(working, variable)
}

const runsAfter = (working: Working, variable: string, before: Binding['runs']): Binding['runs'] =>
  working.action.binds.includes(variable) ? boundRuns(working) : before

const boundRuns = ({ action }: Working): Binding['runs'] => (action.defines === true ? 'always' : 'methods')

/** A name that code binds in a way that is not understood. */
const bindUnknown = (working: Working, variable: string): void => {
  const { scope } = working.context.state
  if (scope.variables.has(variable)) return
  const object = scope.newObject()
  const value = scope.newValue('image', variable)
  scope.bind(variable, { object, kind: 'image', value, runs: boundRuns(working), mutable: true, made: true })
  scope.linkAll()
  working.writes.push({ arg: `shared:${variable}`, value })
}

const literalText = (working: Working, argument: string): string | undefined => {
  const value = working.named.find(({ name }) => name === argument)?.value
  return value?.kind === 'literal' && typeof value.literal.value === 'string' ? value.literal.value : undefined
}

/** Files are values too: what the log saves it may open again. */
const touchFile = (working: Working, file: NonNullable<CallEffects['file']>): void => {
  const { scope, saved } = working.context.state
  const path = literalText(working, file.argument)
  if (path === undefined) return touchState(working, 'state', 'session')
  if (file.mode === 'open') {
    if (scope.isWritten('file', normalPath(path)))
      working.reads.add(file.argument, scope.state('file', normalPath(path)))
    return
  }
  const write: Write = { arg: file.argument, value: scope.writeState('file', normalPath(path)) }
  working.writes.push(write)
  const image = working.named.find(({ name }) => name === file.image)?.value
  const digest = working.context.notes.digests.get(file.argument)
  if (image?.kind !== 'binding' || image.binding.value === undefined) return
  saved.push({ name: path, value: image.binding.value, ...(digest === undefined ? {} : { digest }) })
}

const performKnown = (working: Working, effects: CallEffects): void => {
  if (effects.file !== undefined) touchFile(working, effects.file)
  for (const argument of changedArguments(effects, working.named)) changeArgument(working, argument)
  for (const kind of effects.states) touchState(working, kind, 'session')
  const { hangs } = effects
  if (hangs === undefined) return
  const on = working.named.find(({ name }) => name === hangs.argument)?.value
  const variable = on?.kind === 'binding' ? on.variable : undefined
  const { scope } = working.context.state
  working.writes.push({
    arg: hangs.kind,
    value: variable === undefined ? scope.writeState(hangs.kind, 'session') : scope.hang(variable, hangs.kind)
  })
}

type Reach = 'known' | 'unknown' | 'everything'

/** What the result may share memory with, or hold. */
const heldByResult = (working: Working, effects: CallEffects | undefined, reach: Reach): readonly number[] => {
  const { scope } = working.context.state
  if (reach === 'everything') return [...scope.variables.values()].map(binding => binding.object)
  if (reach === 'known' && effects?.result !== 'view' && !mayNotCopy(working.named)) return []
  return working.named
    .flatMap(({ value }) => bindingsOf(value))
    .filter(binding => binding.mutable)
    .map(binding => binding.object)
}

const resultBinding = (working: Working, effects: CallEffects | undefined, reach: Reach): Binding => {
  const { scope } = working.context.state
  const object = scope.newObject()
  scope.link([object, ...heldByResult(working, effects, reach)])
  const isNumber = effects?.result === 'number'
  return {
    object,
    kind: isNumber ? 'number' : (effects?.resultKind ?? 'image'),
    value: undefined,
    runs: reach === 'everything' ? 'methods' : 'no',
    mutable: !isNumber,
    made: true
  }
}

/** Binds the result to every target; `a, b = f()` makes two objects that may share memory. */
const bindResult = (working: Working, result: Binding): Binding => {
  const { scope } = working.context.state
  let last = result
  for (const names of working.action.targets) {
    for (const [at, name] of names.entries()) {
      const single = names.length === 1
      const object = single ? result.object : scope.newObject()
      if (!single && result.mutable) scope.link([result.object, object])
      const value = scope.newValue(result.kind, name)
      last = { ...result, object, value }
      scope.bind(name, last)
      working.writes.push({ arg: single ? 'return' : `return[${at}]`, value })
    }
  }
  return last
}

/** A nested result is named after the step that makes it. */
const nameNested = (working: Working, result: Binding): Binding => {
  const value = working.context.state.scope.newValue(result.kind, `(${working.context.state.steps.length})`)
  working.writes.push({ arg: 'return', value })
  return { ...result, value }
}

const withDigests = (writes: readonly Write[], digests: ReadonlyMap<string, string>): readonly Write[] =>
  writes.map(write => {
    const digest = digests.get(write.arg)
    return digest === undefined ? write : { ...write, digest }
  })

const lastPart = (id: string): string => id.slice(id.lastIndexOf('.') + 1)

const operationOf = ({ context, action }: Working, effects: CallEffects | undefined): Step['operation'] => {
  const unknown = action.id === '' ? { tool: '', version: '' } : context.state.knowledge.toolOf(action.id)
  const { tool, version } = effects ?? unknown
  return { id: action.id, name: context.notes.name ?? effects?.name ?? lastPart(action.id), tool, version }
}

const stepOf = (working: Working, effects: CallEffects | undefined): Step => {
  const { context, named, reads, writes } = working
  const { state, notes, template } = context
  return {
    index: state.steps.length,
    operation: operationOf(working, effects),
    parameters: parametersOf(effects, named, notes),
    reads: reads.all,
    writes: withDigests(writes, notes.digests),
    ...(notes.attachments.length === 0 ? {} : { attachments: notes.attachments }),
    code: context.code,
    doc: notes.doc === '' ? (effects?.doc ?? '') : notes.doc,
    evidence: context.evidence,
    ...(notes.reverts === undefined ? {} : { reverts: notes.reverts }),
    ...(template === undefined ? {} : { template })
  }
}

/** How far an action reaches, and its arguments by name. */
const reachOf = (
  context: StepContext,
  action: Action
): { readonly reach: Reach; readonly named: readonly NamedArgument[] } => {
  const effects = context.state.rewired ? undefined : action.effects
  const named = effects === undefined ? undefined : nameArguments(effects, action.arguments)
  const given = action.arguments.flatMap(({ value }) => bindingsOf(value))
  // Code that is not known may call what it is given.
  const runs =
    action.arguments.some(({ value }) => runsCode(value)) ||
    (named === undefined && given.some(binding => binding.runs !== 'no'))
  if (action.everything || context.state.rewired || runs) {
    return { reach: 'everything', named: named ?? plainArguments(action.arguments) }
  }
  return named === undefined ? { reach: 'unknown', named: plainArguments(action.arguments) } : { reach: 'known', named }
}

/** A variable whose object was changed by a later argument stands for its newest version when the call is made. */
const refreshed = (context: StepContext, value: Value): Value => {
  if (value.kind === 'sequence') return { ...value, items: value.items.map(item => refreshed(context, item)) }
  if (value.kind !== 'binding' || value.variable === undefined) return value
  const now = context.state.scope.variables.get(value.variable)
  return now !== undefined && now.object === value.binding.object ? { ...value, binding: now } : value
}

/** Makes one step of an action: works out what it reads and writes, and changes the session accordingly. */
export const perform = (context: StepContext, stated: Action): Binding => {
  const { state } = context
  const action: Action = {
    ...stated,
    arguments: stated.arguments.map(one => ({ ...one, value: refreshed(context, one.value) }))
  }
  const { reach, named } = reachOf(context, action)
  const working: Working = { context, action, named, reads: newReads(), writes: [] }
  const effects = reach === 'unknown' ? undefined : action.effects
  for (const { name, value } of named) readValue(working.reads, name, value)
  if (reach === 'everything') performEverything(working)
  else if (effects === undefined) performUnknown(working)
  else performKnown(working, effects)
  const result = resultBinding(working, reach === 'known' ? effects : undefined, reach)
  const bound =
    action.nested && effects?.result !== 'nothing' ? nameNested(working, result) : bindResult(working, result)
  const step = stepOf(working, effects)
  state.effects += step.reads.length + step.writes.length + step.parameters.length
  state.steps.push(step)
  return bound
}
