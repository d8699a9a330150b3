import { type BimsError, type Issue, type JsonValue, type MacroInput, newError, parseValueName, type Step } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Parser } from 'web-tree-sitter'
import { parseLogText } from '../../../python/blocks.ts'
import { loadPythonParser } from '../../../python/grammar.ts'
import { isPythonName, isPythonPath, printString } from '../../../python/print.ts'
import { runBlock } from '../../../python/session/interpreter.ts'
import type { CallEffects, Knowledge } from '../../../python/session/knowledge.ts'
import { type LogState, newLogState } from '../../../python/session/log-state.ts'
import { parseNotes } from '../../../python/session/step-notes.ts'
import { newScope } from '../../../python/session/scope.ts'
import { newLogKnowledge } from '../knowledge.ts'
import { type HangingKind, preamble, preambleName } from '../preamble.ts'
import { attachmentText, type BlockDoc, blockText } from './block-text.ts'
import { callText, typeOfDraft } from './call-text.ts'
import { headerText, type LogWriterOptions } from './header-text.ts'
import { newSpelling, type Spelling } from './spelling.ts'
import type { InputDraft, StepDraft } from './step-draft.ts'
import { settingsOf, type Undo } from './undo.ts'

/** A block as it is appended to the log, and the step as it will be read from there. */
export interface WrittenStep {
  readonly text: string
  readonly step: Step
}

/** Writes a log block by block; each text is one append to the file. Everything fails with `log-grammar`. */
export interface LogWriter {
  /** Stands first in the file. */
  readonly header: string
  /** Opens an image; it is an input, no step. */
  readonly open: (input: InputDraft) => E.Either<BimsError, { readonly text: string; readonly input: MacroInput }>
  readonly append: (step: StepDraft) => E.Either<BimsError, WrittenStep>
  /** Sets the display, roi or calibration of an image; the newest settings stand for all before them. */
  readonly set: (image: string, kind: HangingKind, settings: Readonly<Record<string, JsonValue>>) => E.Either<BimsError, WrittenStep>
  /** Saves an image into a file beside the log. */
  readonly save: (image: string, file: string, digest?: string) => E.Either<BimsError, WrittenStep>
  /** Takes a step back: one block for each value that it made. */
  readonly undo: (step: number) => E.Either<BimsError, readonly WrittenStep[]>
}

const refuse = (what: string, advice: string): E.Either<BimsError, never> => E.left(newError('log-grammar', what, advice))

interface Writer {
  readonly parser: Parser
  readonly state: LogState
  readonly knowledge: Knowledge
  readonly spelling: Spelling
  /** For each step, what takes it back. */
  readonly undos: (readonly Undo[])[]
  /** Image and kind → the settings in force. */
  readonly settings: Map<string, StepDraft['parameters']>
  /** Roots of modules that blocks import. */
  readonly modules: Set<string>
  /** Variable → how many of its versions are kept. */
  readonly kept: Map<string, number>
}

/** A step worked out, not yet written. */
interface Planned {
  readonly doc: BlockDoc
  readonly imports: readonly string[]
  readonly keeps: readonly Keep[]
  readonly code: string
  readonly undo: readonly Undo[]
  readonly results: readonly string[]
}

interface Keep {
  readonly variable: string
  readonly kept: string
  readonly copy: boolean
}

const unreadable = (issues: readonly Issue[]): BimsError =>
  newError('log-grammar', 'The step cannot be read back as one step.', 'Give names, digests and attachments in the form of docs/spec/log.md.', { issues })

/** The text goes through the reader itself: what is returned is what everybody will read. */
const write = (writer: Writer, planned: Planned): E.Either<BimsError, WrittenStep> => {
  const definitions = planned.keeps.map(({ variable, kept, copy }) => `${kept} = ${variable}${copy ? '.copy()' : ''}`)
  const text = blockText(planned.doc, planned.imports, definitions, planned.code)
  const { state } = writer
  const parsed = parseLogText(writer.parser, text, { escapes: true })
  if (E.isLeft(parsed)) return parsed
  const [block, ...more] = parsed.right.blocks
  if (block === undefined || more.length > 0) return refuse('The step would not be one block.', 'Report it: this should not happen.')
  const before = state.steps.length
  const issues: Issue[] = []
  parseNotes(block.doc, block.line, issues)
  if (issues.length > 0) return E.left(unreadable(issues))
  runBlock(state, block)
  const step = state.steps[before]
  if (state.issues.length > 0 || step === undefined || state.steps.length !== before + 1) {
    return E.left(unreadable(state.issues.splice(0)))
  }
  for (const root of planned.imports) writer.modules.add(root.split('.')[0] ?? root)
  for (const { variable, kept } of planned.keeps) writer.spelling.move(variable, kept)
  for (const { value } of step.writes) {
    const name = parseValueName(value)?.name
    if (name !== undefined && state.scope.variables.has(name)) writer.spelling.hold(value, name)
  }
  writer.undos.push(planned.undo)
  return E.right({ text, step })
}

const reserved: ReadonlySet<string> = new Set([preambleName, 'numpy', 'skimage', 'float', 'int', 'bool', 'complex', 'range'])

const checkVariable = (writer: Writer, name: string): E.Either<BimsError, string> =>
  isPythonName(name) && !reserved.has(name) && !name.startsWith('kept_') && !writer.modules.has(name)
    ? E.right(name)
    : refuse(`${JSON.stringify(name)} cannot name a value.`, 'Take a Python name in ASCII that is no module, and does not start with kept_.')

const variableOf = (writer: Writer, value: string): E.Either<BimsError, string> => {
  const variable = writer.spelling.variableOf(value) ?? (writer.state.scope.variables.has(value) ? value : undefined)
  return variable === undefined ? refuse(`There is no value ${JSON.stringify(value)}.`, 'Read what open or append gave.') : E.right(variable)
}

const keepOf = (writer: Writer, variable: string, copy: boolean): Keep => {
  const count = writer.kept.get(variable) ?? 0
  writer.kept.set(variable, count + 1)
  return { variable, kept: `kept_${variable}_${count}`, copy }
}

const isBound = (writer: Writer, variable: string): boolean => writer.state.scope.variables.has(variable)

/** Names of one object change with it, so each keeps the version that it holds. */
const sameObject = (writer: Writer, variable: string): readonly string[] => {
  const { variables } = writer.state.scope
  const object = variables.get(variable)?.object
  return [...variables].flatMap(([name, binding]) => (binding.object === object && name !== variable ? [name] : []))
}

const moduleOf = (operation: string): readonly string[] => {
  if (operation.startsWith('numpy.ndarray.') || !operation.includes('.') || operation.startsWith(`${preambleName}.`)) return []
  return [operation.slice(0, operation.lastIndexOf('.'))]
}

const attachmentName = /^[\w.-](?:[\w. -]{0,198}[\w.-])?$/

const docOf = (draft: StepDraft, effects: CallEffects | undefined, reverts: number | undefined): BlockDoc => {
  const name = draft.name ?? effects?.name
  return {
    text: draft.doc ?? effects?.doc ?? '',
    fields: [
      ...(name === undefined || name === '' ? [] : [['name', '', name] as const]),
      ['execution', '', 'execute'],
      ['evidence', '', draft.evidence ?? 'recorded'],
      ...(reverts === undefined ? [] : [['reverts', '', String(reverts)] as const]),
      ...(draft.parameters ?? []).flatMap(parameter => parameterFields(parameter, effects)),
      ...Object.entries(draft.digests ?? {}).map(([arg, digest]) => ['digest', arg, digest] as const),
      ...(draft.attachments ?? []).map(attachment => ['attachment', attachment.name, attachmentText(attachment)] as const)
    ]
  }
}

const parameterFields = (parameter: NonNullable<StepDraft['parameters']>[number], effects: CallEffects | undefined): readonly (readonly [string, string, string])[] => {
  const known = effects?.parameters.find(({ name }) => name === parameter.name)
  const [doc, unit] = [parameter.doc ?? known?.doc, parameter.unit ?? known?.unit]
  return [
    ...(doc === undefined || doc === '' ? [] : [['param', parameter.name, doc] as const]),
    ['type', parameter.name, typeOfDraft(parameter, effects)],
    ...(unit === undefined || unit === '' ? [] : [['unit', parameter.name, unit] as const]),
    ...(parameter.origin === undefined || parameter.origin === 'typed' ? [] : [['origin', parameter.name, parameter.origin] as const])
  ]
}

const checkDraft = (writer: Writer, draft: StepDraft): E.Either<BimsError, StepDraft> => {
  const results = draft.results ?? []
  const texts = [draft.name ?? '', draft.doc ?? '', ...(draft.parameters ?? []).flatMap(({ doc, unit, type }) => [doc ?? '', unit ?? '', type ?? ''])]
  if (!isPythonPath(draft.operation)) return refuse(`${JSON.stringify(draft.operation)} is no dotted Python name.`, 'Name operations like skimage.filters.gaussian.')
  if (draft.operation.includes('.') && isBound(writer, draft.operation.split('.')[0] ?? '')) return refuse(`${JSON.stringify(draft.operation)} begins with the name of a value.`, 'Name values otherwise than modules.')
  if (!draft.operation.includes('.')) return refuse(`${JSON.stringify(draft.operation)} names no module.`, 'Put the program or library before it, like myviewer.paint.')
  if (new Set(results).size !== results.length) return refuse('Two results have one name.', 'Give each its own.')
  if (texts.some(text => /\p{Surrogate}/u.test(text))) return refuse('A text holds a lone surrogate.', 'Give well-formed text.')
  const bad = (draft.attachments ?? []).find(({ name, at }) => !attachmentName.test(name) || (at !== undefined && /\s/.test(at)))
  return bad === undefined ? E.right(draft) : refuse(`${JSON.stringify(bad.name)} cannot name an attachment.`, 'Take letters, digits, dots, dashes and spaces.')
}

const resolveReads = (writer: Writer, reads: StepDraft['reads']): E.Either<BimsError, ReadonlyMap<string, string>> => {
  const variables = new Map<string, string>()
  for (const [arg, value] of Object.entries(reads)) {
    const variable = variableOf(writer, value)
    if (E.isLeft(variable)) return variable
    variables.set(arg, variable.right)
  }
  return E.right(variables)
}

const undoOf = (writer: Writer, results: readonly string[], keeps: readonly Keep[]): readonly Undo[] => {
  const kept = new Map(keeps.map(keep => [keep.variable, keep.kept]))
  const changed = keeps.map(({ variable }) => variable).filter(variable => !variable.startsWith('kept_'))
  return [...new Set([...results, ...changed])].map(variable => {
    const before = kept.get(variable)
    return before === undefined || !isBound(writer, variable) ? { kind: 'remove', variable } : { kind: 'restore', variable, kept: before }
  })
}

const keepsOf = (writer: Writer, results: readonly string[], changed: readonly string[]): readonly Keep[] => {
  const copied = new Set(changed.flatMap(variable => [variable, ...sameObject(writer, variable)]))
  const overwritten = results.filter(name => isBound(writer, name) && !copied.has(name))
  return [...[...copied].map(variable => keepOf(writer, variable, true)), ...overwritten.map(variable => keepOf(writer, variable, false))]
}

const plan = (writer: Writer, draft: StepDraft): E.Either<BimsError, Planned> =>
  pipe(
    E.Do,
    E.bind('draft', () => checkDraft(writer, draft)),
    E.bind('results', () => E.traverseArray((name: string) => checkVariable(writer, name))(draft.results ?? [])),
    E.bind('reads', () => resolveReads(writer, draft.reads)),
    E.bind('changed', ({ reads }) => E.traverseArray((arg: string): E.Either<BimsError, string> => {
      const variable = reads.get(arg)
      return variable === undefined ? refuse(`${JSON.stringify(arg)} is changed in place but is not read.`, 'Name it among the reads.') : E.right(variable)
    })(draft.inPlace ?? [])),
    E.bind('code', ({ reads }) => callText({ operation: draft.operation, effects: writer.knowledge.call(draft.operation), reads, parameters: draft.parameters ?? [] })),
    E.map(({ results, changed, code }) => {
      const keeps = keepsOf(writer, results, changed)
      return {
        doc: docOf(draft, writer.knowledge.call(draft.operation), undefined),
        imports: moduleOf(draft.operation), keeps, results,
        code: results.length === 0 ? code : `${results.join(', ')} = ${code}`,
        undo: undoOf(writer, results, keeps)
      }
    })
  )

const open = (writer: Writer, { name, file, digest, doc }: InputDraft): ReturnType<LogWriter['open']> => {
  const path = printString(file)
  const variable = checkVariable(writer, name)
  if (E.isLeft(variable)) return variable
  if (isBound(writer, name)) return refuse(`${JSON.stringify(name)} is the name of another value.`, 'Open the image under a name of its own.')
  if (path === undefined || file === '' || file.length > 4096) return refuse('The path cannot be written.', 'Give a path in well-formed Unicode.')
  if (writer.state.scope.isWritten('file', file.replace(/^(?:\.\/)+/, ''))) return refuse(`The log itself saved ${JSON.stringify(file)}.`, 'Go on with the value that was saved.')
  const text = blockText({
    text: doc ?? 'Opens an image.',
    fields: [['name', '', 'Open'], ['execution', '', 'execute'], ['evidence', '', 'recorded'], ...(digest === undefined ? [] : [['digest', 'return', digest] as const])]
  }, ['skimage.io'], [], `${name} = skimage.io.imread(${path})`)
  const parsed = parseLogText(writer.parser, text, { escapes: true })
  if (E.isLeft(parsed)) return parsed
  const { state } = writer
  const before = state.inputs.length
  const issues: Issue[] = []
  for (const block of parsed.right.blocks) parseNotes(block.doc, block.line, issues)
  if (issues.length > 0) return E.left(unreadable(issues))
  for (const block of parsed.right.blocks) runBlock(state, block)
  const input = state.inputs[before]
  if (input === undefined || state.issues.length > 0) return E.left(unreadable(state.issues.splice(0)))
  writer.spelling.hold(input.value, name)
  return E.right({ text, input })
}

const append = (writer: Writer, draft: StepDraft): E.Either<BimsError, WrittenStep> => pipe(plan(writer, draft), E.chain(planned => write(writer, planned)))

const set = (writer: Writer, image: string, kind: HangingKind, parameters: NonNullable<StepDraft['parameters']>, reverts: number | undefined): E.Either<BimsError, WrittenStep> => {
  const draft: StepDraft = { operation: `${preambleName}.${kind}`, reads: { image }, parameters }
  const variable = variableOf(writer, image)
  if (E.isLeft(variable)) return variable
  const key = `${kind} ${variable.right}`
  const undo: Undo = { kind: 'hang', image: variable.right, on: kind, settings: writer.settings.get(key) ?? [] }
  return pipe(
    plan(writer, draft),
    E.chain(planned => write(writer, { ...planned, doc: docOf(draft, writer.knowledge.call(draft.operation), reverts), undo: [undo] })),
    E.map(written => {
      writer.settings.set(key, parameters)
      return written
    })
  )
}

const save = (writer: Writer, image: string, file: string, digest: string | undefined): E.Either<BimsError, WrittenStep> => {
  const path = printString(file)
  const variable = variableOf(writer, image)
  if (E.isLeft(variable)) return variable
  if (path === undefined || file === '' || file.length > 4096) return refuse('The path cannot be written.', 'Give a path in well-formed Unicode.')
  const draft: StepDraft = { operation: 'skimage.io.imsave', reads: {}, ...(digest === undefined ? {} : { digests: { fname: digest } }) }
  return write(writer, {
    doc: docOf(draft, writer.knowledge.call(draft.operation), undefined), imports: ['skimage.io'], keeps: [], results: [], undo: [],
    code: `skimage.io.imsave(${path}, ${variable.right})`
  })
}

const undoOne = (writer: Writer, index: number, undo: Undo): E.Either<BimsError, WrittenStep> => {
  if (undo.kind === 'hang') return set(writer, undo.image, undo.on, undo.settings, index)
  const { variable } = undo
  const isThere = isBound(writer, variable)
  const keeps = isThere ? [keepOf(writer, variable, false)] : []
  const doc: BlockDoc = {
    text: `Takes step ${index} back.`,
    fields: [['name', '', 'Undo'], ['execution', '', 'execute'], ['evidence', '', 'recorded'], ['reverts', '', String(index)]]
  }
  const [kept] = keeps
  if (undo.kind === 'restore') {
    return write(writer, {
      doc, imports: [], keeps, code: `${variable} = ${undo.kept}`, results: [variable],
      undo: kept === undefined ? [{ kind: 'remove', variable }] : [{ kind: 'restore', variable, kept: kept.kept }]
    })
  }
  if (kept === undefined) return refuse(`Step ${index} has been taken back already.`, 'Take another step back.')
  return write(writer, { doc, imports: [], keeps, code: `del ${variable}`, results: [], undo: [{ kind: 'restore', variable, kept: kept.kept }] })
}

const undo = (writer: Writer, index: number): E.Either<BimsError, readonly WrittenStep[]> => {
  const undos = writer.undos[index]
  if (undos === undefined || undos.length === 0) return refuse(`There is nothing to take back in step ${index}.`, 'Give the index of a step that made or set something.')
  const written: WrittenStep[] = []
  for (const one of undos) {
    const step = undoOne(writer, index, one)
    if (E.isLeft(step)) return step
    written.push(step.right)
  }
  return E.right(written)
}

const newWriter = (parser: Parser, header: string, options: LogWriterOptions): LogWriter => {
  const knowledge = newLogKnowledge({ host: options.host, libraries: options.libraries ?? {} })
  const state = newLogState(knowledge, newScope())
  const text = parseLogText(parser, `${preamble}\n`, { escapes: true })
  if (E.isRight(text)) for (const block of text.right.blocks) runBlock(state, block)
  const writer: Writer = { parser, state, knowledge, spelling: newSpelling(), undos: [], settings: new Map(), modules: new Set(), kept: new Map() }
  return {
    header,
    open: input => open(writer, input),
    append: draft => append(writer, draft),
    set: (image, kind, settings) => set(writer, image, kind, settingsOf(settings), undefined),
    save: (image, file, digest) => save(writer, image, file, digest),
    undo: step => undo(writer, step)
  }
}

/** Starts a log. Fails with `log-grammar` where the header cannot be written, `unexpected` where the grammar is not installed. */
export const newLogWriter = (options: LogWriterOptions): TE.TaskEither<BimsError, LogWriter> =>
  pipe(
    TE.fromEither(headerText(options)),
    TE.chain(header => pipe(loadPythonParser, TE.map(parser => newWriter(parser, header, options))))
  )
