import type { Evidence } from '@bims/core'
import type { LogBlock } from '../blocks.ts'
import type { Expression, Statement } from '../syntax.ts'
import { constantKinds, performComputation, runAssignment, named, singleTarget } from './assignment.ts'
import { computationOf, evaluate, pathOf } from './evaluate.ts'
import type { CallEffects } from './knowledge.ts'
import { isExhausted, type LogState, maxSteps, report } from './log-state.ts'
import { operatorNames } from './operators.ts'
import { perform, type StepContext } from './perform.ts'
import { inPlace, inPlaceNames, pythonEffects, remove, setItem } from './python-effects.ts'
import { emptyNotes, parseNotes, type StepNotes } from './step-notes.ts'
import { isAllBindings, type Value } from './value.ts'

const preference = pythonEffects('python.preference', 'Preference', 'Sets a preference of a library.', {
  result: 'nothing',
  signature: [],
  states: ['preference']
})

/** `matplotlib.rcParams['…'] = …` is a preference; any other item that is no image's may be a library's own function. */
const setModuleItem = (context: StepContext, target: Expression & { readonly kind: 'subscript' }): void => {
  if (pathOf(context, target.object)?.endsWith('.rcParams') === true) {
    perform(context, {
      id: preference.id,
      effects: preference,
      arguments: [],
      targets: [],
      everything: false,
      binds: [],
      nested: false
    })
    return
  }
  context.state.rewired = true
  runUnknown(context, 'item', [])
}

type Subscript = Expression & { readonly kind: 'subscript' }

/** The key of a part that is set: all that it reads. */
const keyOf = (context: StepContext, target: Subscript): Value => {
  const items = target.keys
    .flatMap(key => (key.kind === 'slice' ? key.bounds.flatMap(bound => bound ?? []) : [key]))
    .map(key => evaluate(context, key))
  const [only] = items
  if (target.keys.length === 1 && only !== undefined && isAllBindings(only)) return only
  return {
    kind: 'sequence',
    items,
    text: context.block.source.slice(target.keys[0]?.start ?? target.end, target.keys.at(-1)?.end ?? target.end)
  }
}

const runItem = (context: StepContext, target: Subscript, value: Expression): void => {
  const given = evaluate(context, value)
  const object = evaluate(context, target.object)
  if (object.kind === 'code') return setModuleItem(context, target)
  perform(context, {
    id: setItem.id,
    effects: setItem,
    targets: [],
    everything: false,
    binds: [],
    nested: false,
    arguments: [object, keyOf(context, target), given].map(one => ({ keyword: undefined, value: one }))
  })
}

const isNumeric = (value: Value): boolean =>
  value.kind === 'literal' || (value.kind === 'binding' && value.binding.kind === 'number')

/** `a += b`: arrays change in place; for numbers the name gets a new one. */
const inPlaceEffects = (method: string, object: Value, given: Value): CallEffects => {
  const effects = inPlace(method)
  if (object.kind === 'binding' && object.binding.mutable) return effects
  return { ...effects, mutates: [], result: isNumeric(object) && isNumeric(given) ? 'number' : 'fresh' }
}

const runAugmented = (
  context: StepContext,
  { target, operator, value }: Statement & { readonly kind: 'augmented' }
): void => {
  const object = evaluate(context, target.kind === 'subscript' ? target.object : target)
  if (target.kind === 'subscript' && object.kind === 'code') return setModuleItem(context, target)
  const keys = target.kind === 'subscript' ? [keyOf(context, target)] : []
  const given = evaluate(context, value)
  const name = operatorNames[operator] ?? operator
  const effects = inPlaceEffects(inPlaceNames[name] ?? name, object, given)
  perform(context, {
    id: effects.id,
    effects,
    arguments: [object, given, ...keys].map(one => ({ keyword: undefined, value: one })),
    targets: target.kind === 'name' && effects.mutates.length === 0 ? [[target.name]] : [],
    everything: false,
    binds: [],
    nested: false
  })
}

const runExpression = (context: StepContext, expression: Expression): void => {
  const computation = computationOf(context, expression)
  if (computation !== undefined) return performComputation(context, computation, [])
  const value = evaluate(context, expression)
  if (value.kind === 'code' && value.calls) runUnknown(context, 'expression', [])
}

const definitions: ReadonlySet<string> = new Set(['function_definition', 'class_definition', 'decorated_definition'])

const runUnknown = (context: StepContext, form: string, binds: readonly string[]): void => {
  perform(named(context, form), {
    id: '',
    effects: undefined,
    arguments: [],
    targets: [],
    everything: true,
    binds,
    nested: false,
    ...(definitions.has(form) ? { defines: true } : {})
  })
  context.state.unknownNames = true
}

const deleteNames = (context: StepContext, names: readonly string[]): void => {
  const { scope } = context.state
  for (const name of names) {
    if (!scope.variables.has(name) && !scope.imports.has(name) && !context.state.unknownNames) {
      report(context.state, context.block.line, `the name ${JSON.stringify(name)} is not defined`)
    }
    scope.unbind(name)
  }
  perform(context, {
    id: remove.id,
    effects: remove,
    arguments: [],
    targets: [],
    everything: false,
    binds: [],
    nested: false
  })
}

const integersOf = (context: StepContext, range: readonly Expression[]): readonly number[] | undefined => {
  const values = range.map(expression => evaluate(context, expression))
  const integers = values.flatMap(value =>
    value.kind === 'literal' && value.literal.type === 'int' && typeof value.literal.value === 'number'
      ? [value.literal.value]
      : []
  )
  return integers.length === values.length && integers.length >= 1 && integers.length <= 3 ? integers : undefined
}

/** What `range(…)` counts; undefined where it counts too far, or its step is 0. */
const countsOf = ([first = 0, second, step = 1]: readonly number[]): readonly number[] | undefined => {
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const count = Math.max(0, Math.ceil((stop - start) / step))
  return step === 0 || count > maxSteps ? undefined : Array.from({ length: count }, (_, i) => start + i * step)
}

/** Loops over constants are read as the iterations that run; others are code that is not understood. */
const runLoop = (context: StepContext, loop: Statement & { readonly kind: 'loop' }): void => {
  const { scope } = context.state
  const code = context.block.source.slice(loop.start, loop.end)
  const integers =
    scope.variables.has('range') || scope.imports.has('range') || !isConstantRange(loop.range)
      ? undefined
      : integersOf(context, loop.range)
  const counts = integers === undefined ? undefined : countsOf(integers)
  if (counts === undefined)
    return runUnknown({ ...context, code }, 'loop', [loop.variable, ...loop.body.flatMap(boundBy)])
  for (const count of counts) {
    scope.bind(loop.variable, {
      object: scope.newObject(),
      kind: 'number',
      value: undefined,
      literal: { value: count, type: 'int' },
      runs: 'no',
      mutable: false,
      made: false
    })
    for (const statement of loop.body) {
      if (isExhausted(context.state)) return
      runStatement(
        {
          ...context,
          template: context.template ?? code,
          code: context.block.source.slice(statement.start, statement.end)
        },
        statement
      )
    }
  }
}

const isConstantRange = (range: readonly Expression[]): boolean =>
  range.every(({ kind }) => kind === 'literal' || kind === 'name')

const boundBy = (statement: Statement): readonly string[] => {
  if (statement.kind === 'assignment') return statement.targets.flat()
  if (statement.kind === 'augmented' && statement.target.kind === 'name') return [statement.target.name]
  return statement.kind === 'loop' ? [statement.variable, ...statement.body.flatMap(boundBy)] : []
}

/** Statements that assign or call. */
const runSimple = (context: StepContext, statement: Statement): void => {
  switch (statement.kind) {
    case 'assignment':
      return runAssignment(context, statement.targets, statement.value)
    case 'augmented':
      return runAugmented(context, statement)
    case 'item':
      return runItem(context, statement.target, statement.value)
    case 'expression':
      return runExpression(context, statement.value)
    default:
  }
}

const runStatement = (outer: StepContext, statement: Statement): void => {
  const context: StepContext = { ...outer, known: new Map() }
  switch (statement.kind) {
    case 'import':
      return statement.names.forEach(({ name, path }) => context.state.scope.importName(name, path))
    case 'delete':
      return deleteNames(context, statement.names)
    case 'loop':
      return runLoop(context, statement)
    case 'other':
      if (statement.rewires) context.state.rewired = true
      return runUnknown(context, statement.form, statement.binds)
    default:
      return runSimple(context, statement)
  }
}

const keptName = /^kept_/

/** `kept_a = a` and `kept_a = a.copy()` in a block keep a version for undoing; they are no step. */
const keepsVersion = (state: LogState, statement: Statement): boolean => {
  const target = statement.kind === 'assignment' ? singleTarget(statement.targets) : undefined
  if (statement.kind !== 'assignment' || target === undefined || !keptName.test(target)) return false
  const copied = copiedName(statement.value)
  const binding = state.scope.variables.get(copied ?? nameIn(statement.value))
  if (binding === undefined || binding.literal !== undefined) return false
  state.scope.bind(target, {
    ...binding,
    kept: true,
    ...(copied === undefined ? {} : { object: state.scope.newObject() })
  })
  return true
}

/** The name that an expression is; empty, which no variable is called, for any other. */
const nameIn = (value: Expression): string => (value.kind === 'name' ? value.name : '')

/** `a` in `a.copy()`. */
const copiedName = (value: Expression): string | undefined => {
  if (value.kind !== 'call' || value.callee.kind !== 'attribute' || value.callee.name !== 'copy') return undefined
  const { object } = value.callee
  return value.positional.length + value.keywords.length === 0 && !value.spread && object.kind === 'name'
    ? object.name
    : undefined
}

/** Constants at the head of a block are the parameters of its call. */
const definesParameter = (state: LogState, statement: Statement): boolean => {
  if (statement.kind !== 'assignment' || statement.value.kind !== 'literal') return false
  const target = singleTarget(statement.targets)
  if (target === undefined) return false
  const { literal } = statement.value
  state.scope.bind(target, {
    object: state.scope.newObject(),
    kind: 'number',
    value: undefined,
    literal,
    runs: 'no',
    mutable: constantKinds.has(literal.type),
    made: false
  })
  return true
}

/** `__version__ = '1.0.1'` is about the file. */
const isModuleFact = (statement: Statement): boolean =>
  statement.kind === 'assignment' && statement.targets.every(names => names.every(name => /^__\w+__$/.test(name)))

const isWork = (statement: Statement): boolean =>
  statement.kind !== 'import' && !(statement.kind === 'assignment' && statement.value.kind === 'literal')

/** A block that does something else than it was written for is edited, whatever it says. */
const evidenceOf = (state: LogState, block: LogBlock, notes: StepNotes, main: readonly Statement[]): Evidence => {
  const said = notes.evidence ?? (block.framed ? state.knowledge.framedEvidence : 'authored')
  const whole = main.length <= 1 && main.every(({ kind }) => kind !== 'loop' && kind !== 'other')
  return said === 'recorded' && !whole ? 'edited' : said
}

const otherNotes = (notes: StepNotes): StepNotes => ({
  ...emptyNotes,
  docs: notes.docs,
  types: notes.types,
  units: notes.units,
  origins: notes.origins,
  reverts: notes.reverts
})

/** What a host writes at the head of its logs so that they run; it changes nothing. */
const isPreamble = ({ knowledge, scope }: LogState, block: LogBlock): boolean => {
  if (
    knowledge.preamble === undefined ||
    block.framed ||
    block.code.replaceAll('\r\n', '\n') !== knowledge.preamble.code
  )
    return false
  scope.importName(knowledge.preamble.name, knowledge.preamble.name)
  return true
}

/** What stands in a log and is no step: kept versions, parameters before their call, facts about the file. */
const isNoStep = (state: LogState, block: LogBlock, statement: Statement, hasWork: boolean): boolean => {
  if (!block.framed) return isModuleFact(statement) && definesParameter(state, statement)
  return keepsVersion(state, statement) || (hasWork && definesParameter(state, statement))
}

const runParsed = (state: LogState, block: LogBlock, notes: StepNotes): void => {
  if (isPreamble(state, block)) return
  const hasWork = block.statements.some(isWork)
  const main = block.statements.filter(isWork).filter(statement => !isKeeping(statement))
  const evidence = evidenceOf(state, block, notes, main)
  const last = main.at(-1) ?? block.statements.at(-1)
  for (const statement of block.statements) {
    if (isExhausted(state)) return
    if (isNoStep(state, block, statement, hasWork)) continue
    const code = main.length <= 1 ? block.code : block.source.slice(statement.start, statement.end)
    runStatement(
      {
        state,
        block,
        notes: statement === last ? notes : otherNotes(notes),
        evidence,
        code,
        template: undefined,
        known: new Map()
      },
      statement
    )
  }
}

const isKeeping = (statement: Statement): boolean =>
  statement.kind === 'assignment' && statement.targets.some(names => names.some(name => keptName.test(name)))

const identifyResults = ({ knowledge, objects, scope }: LogState, block: LogBlock): void => {
  for (const [variable, identifier] of knowledge.identifiers?.(block.comments) ?? []) {
    const binding = scope.variables.get(variable)
    if (binding !== undefined) objects.set(identifier, { variable, object: binding.object })
  }
}

/** Reads one block of a log: its steps, and what they do to the session. */
export const runBlock = (state: LogState, block: LogBlock): void => {
  const issues = state.issues.length
  const notes = parseNotes(block.doc, block.line, state.issues)
  if (state.issues.length > issues && isExhausted(state)) return
  if (notes.reverts !== undefined && notes.reverts >= state.steps.length) {
    report(state, block.line, `:reverts: ${notes.reverts} is no earlier step; the block is step ${state.steps.length}`)
    return
  }
  if (block.parses) {
    runParsed(state, block, notes)
    return identifyResults(state, block)
  }
  const context: StepContext = {
    state,
    block,
    notes: emptyNotes,
    evidence: 'edited',
    code: block.code,
    template: undefined,
    known: new Map()
  }
  runUnknown(
    context,
    'not Python',
    [...block.code.matchAll(/^[ \t]*([A-Za-z_]\w*)[ \t]*=[^=]/gmu)].flatMap(match => match[1] ?? [])
  )
}
