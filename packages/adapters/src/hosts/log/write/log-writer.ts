import { type BimsError, type JsonValue, type MacroInput } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Parser } from 'web-tree-sitter'
import { parseLogText } from '../../../python/blocks.ts'
import { loadPythonParser } from '../../../python/grammar.ts'
import { isPythonName, printString } from '../../../python/print.ts'
import { runBlock } from '../../../python/session/interpreter.ts'
import { newLogState } from '../../../python/session/log-state.ts'
import { normalPath } from '../../../python/session/path.ts'
import { newScope } from '../../../python/session/scope.ts'
import { newLogKnowledge } from '../knowledge.ts'
import { type HangingKind, preamble, preambleName } from '../preamble.ts'
import { type BlockDoc, blockText } from './block-text.ts'
import { callText } from './call-text.ts'
import { checkDraft } from './draft-check.ts'
import { headerText, type LogWriterOptions } from './header-text.ts'
import { newSpelling } from './spelling.ts'
import { stepDoc } from './step-doc.ts'
import type { InputDraft, StepDraft } from './step-draft.ts'
import { settingsOf, type Undo } from './undo.ts'
import {
  isBound,
  type Keep,
  parseBlock,
  type Planned,
  refuse,
  unreadable,
  write,
  type Writer,
  type WrittenStep
} from './written-step.ts'

/** Writes a log block by block; each text is one append to the file. Everything fails with `log-grammar`. */
export interface LogWriter {
  /** Stands first in the file. */
  readonly header: string
  /** Opens an image; it is an input, no step. */
  readonly open: (input: InputDraft) => E.Either<BimsError, { readonly text: string; readonly input: MacroInput }>
  readonly append: (step: StepDraft) => E.Either<BimsError, WrittenStep>
  /** Sets the display, roi or calibration of an image; the newest settings stand for all before them. */
  readonly set: (
    image: string,
    kind: HangingKind,
    settings: Readonly<Record<string, JsonValue>>
  ) => E.Either<BimsError, WrittenStep>
  /** Saves an image into a file beside the log. */
  readonly save: (image: string, file: string, digest?: string) => E.Either<BimsError, WrittenStep>
  /** Takes a step back: one block for each value that it made. */
  readonly undo: (step: number) => E.Either<BimsError, readonly WrittenStep[]>
}

const reserved: ReadonlySet<string> = new Set([
  preambleName,
  'numpy',
  'skimage',
  'float',
  'int',
  'bool',
  'complex',
  'range'
])

const checkVariable = (writer: Writer, name: string): E.Either<BimsError, string> =>
  isPythonName(name) && !reserved.has(name) && !name.startsWith('kept_') && !writer.modules.has(name)
    ? E.right(name)
    : refuse(
        `${JSON.stringify(name)} cannot name a value.`,
        'Take a Python name in ASCII that is no module, and does not start with kept_.'
      )

const variableOf = (writer: Writer, value: string): E.Either<BimsError, string> => {
  const variable = writer.spelling.variableOf(value) ?? (writer.state.scope.variables.has(value) ? value : undefined)
  return variable === undefined
    ? refuse(`There is no value ${JSON.stringify(value)}.`, 'Read what open or append gave.')
    : E.right(variable)
}

const keepOf = (writer: Writer, variable: string, copy: boolean): Keep => {
  const count = writer.kept.get(variable) ?? 0
  writer.kept.set(variable, count + 1)
  return { variable, kept: `kept_${variable}_${count}`, copy }
}

/** Names of one object change with it, so each keeps the version that it holds. */
const sameObject = (writer: Writer, variable: string): readonly string[] => {
  const { variables } = writer.state.scope
  const object = variables.get(variable)?.object
  return [...variables].flatMap(([name, binding]) => (binding.object === object && name !== variable ? [name] : []))
}

const moduleOf = (operation: string): readonly string[] => {
  if (operation.startsWith('numpy.ndarray.') || !operation.includes('.') || operation.startsWith(`${preambleName}.`))
    return []
  return [operation.slice(0, operation.lastIndexOf('.'))]
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
    return before === undefined || !isBound(writer, variable)
      ? { kind: 'remove', variable }
      : { kind: 'restore', variable, kept: before }
  })
}

const keepsOf = (writer: Writer, results: readonly string[], changed: readonly string[]): readonly Keep[] => {
  const copied = new Set(changed.flatMap(variable => [variable, ...sameObject(writer, variable)]))
  const overwritten = results.filter(name => isBound(writer, name) && !copied.has(name))
  return [
    ...[...copied].map(variable => keepOf(writer, variable, true)),
    ...overwritten.map(variable => keepOf(writer, variable, false))
  ]
}

const plan = (writer: Writer, draft: StepDraft): E.Either<BimsError, Planned> =>
  pipe(
    E.Do,
    E.bind('draft', () => checkDraft(draft, name => isBound(writer, name))),
    E.bind('results', () => E.traverseArray((name: string) => checkVariable(writer, name))(draft.results ?? [])),
    E.bind('reads', () => resolveReads(writer, draft.reads)),
    E.bind('changed', ({ reads }) =>
      E.traverseArray((arg: string): E.Either<BimsError, string> => {
        const variable = reads.get(arg)
        return variable === undefined
          ? refuse(`${JSON.stringify(arg)} is changed in place but is not read.`, 'Name it among the reads.')
          : E.right(variable)
      })(draft.inPlace ?? [])
    ),
    E.bind('code', ({ reads }) =>
      callText({
        operation: draft.operation,
        effects: writer.knowledge.call(draft.operation),
        reads,
        parameters: draft.parameters ?? []
      })
    ),
    E.map(({ results, changed, code }) => {
      const keeps = keepsOf(writer, results, changed)
      return {
        doc: stepDoc(draft, writer.knowledge.call(draft.operation), undefined),
        imports: moduleOf(draft.operation),
        keeps,
        results,
        code: results.length === 0 ? code : `${results.join(', ')} = ${code}`,
        undo: undoOf(writer, results, keeps)
      }
    })
  )

/** A path as Python literal. */
const pathText = (file: string): E.Either<BimsError, string> => {
  const path = printString(file)
  return path === undefined || file === '' || file.length > 4096
    ? refuse('The path cannot be written.', 'Give a path in well-formed Unicode.')
    : E.right(path)
}

const checkInput = (writer: Writer, { name, file }: InputDraft): E.Either<BimsError, string> => {
  if (isBound(writer, name))
    return refuse(`${JSON.stringify(name)} is the name of another value.`, 'Open the image under a name of its own.')
  if (writer.state.scope.isWritten('file', normalPath(file)))
    return refuse(`The log itself saved ${JSON.stringify(file)}.`, 'Go on with the value that was saved.')
  return pipe(
    checkVariable(writer, name),
    E.chain(() => pathText(file))
  )
}

const runInput = (writer: Writer, name: string, text: string): ReturnType<LogWriter['open']> => {
  const block = parseBlock(writer, text)
  if (E.isLeft(block)) return block
  const { state } = writer
  const before = state.inputs.length
  runBlock(state, block.right)
  const input = state.inputs[before]
  if (input === undefined || state.issues.length > 0) return E.left(unreadable(state.issues.splice(0)))
  writer.spelling.hold(input.value, name)
  return E.right({ text, input })
}

const open = (writer: Writer, draft: InputDraft): ReturnType<LogWriter['open']> =>
  pipe(
    checkInput(writer, draft),
    E.chain(path => {
      const digest = draft.digest === undefined ? [] : [['digest', 'return', draft.digest] as const]
      const doc: BlockDoc = {
        text: draft.doc ?? 'Opens an image.',
        fields: [['name', '', 'Open'], ['execution', '', 'execute'], ['evidence', '', 'recorded'], ...digest]
      }
      return runInput(
        writer,
        draft.name,
        blockText(doc, ['skimage.io'], [], `${draft.name} = skimage.io.imread(${path})`)
      )
    })
  )

const append = (writer: Writer, draft: StepDraft): E.Either<BimsError, WrittenStep> =>
  pipe(
    plan(writer, draft),
    E.chain(planned => write(writer, planned))
  )

const set = (
  writer: Writer,
  image: string,
  kind: HangingKind,
  parameters: NonNullable<StepDraft['parameters']>,
  reverts: number | undefined
): E.Either<BimsError, WrittenStep> => {
  const draft: StepDraft = { operation: `${preambleName}.${kind}`, reads: { image }, parameters }
  const variable = variableOf(writer, image)
  if (E.isLeft(variable)) return variable
  const key = `${kind} ${variable.right}`
  const undo: Undo = { kind: 'hang', image: variable.right, on: kind, settings: writer.settings.get(key) ?? [] }
  return pipe(
    plan(writer, draft),
    E.chain(planned =>
      write(writer, { ...planned, doc: stepDoc(draft, writer.knowledge.call(draft.operation), reverts), undo: [undo] })
    ),
    E.map(written => {
      writer.settings.set(key, parameters)
      return written
    })
  )
}

const save = (
  writer: Writer,
  image: string,
  file: string,
  digest: string | undefined
): E.Either<BimsError, WrittenStep> =>
  pipe(
    E.Do,
    E.bind('variable', () => variableOf(writer, image)),
    E.bind('path', () => pathText(file)),
    E.chain(({ variable, path }) => {
      const draft: StepDraft = {
        operation: 'skimage.io.imsave',
        reads: {},
        ...(digest === undefined ? {} : { digests: { fname: digest } })
      }
      return write(writer, {
        doc: stepDoc(draft, writer.knowledge.call(draft.operation), undefined),
        imports: ['skimage.io'],
        keeps: [],
        results: [],
        undo: [],
        code: `skimage.io.imsave(${path}, ${variable})`
      })
    })
  )

const undoOne = (writer: Writer, index: number, undo: Undo): E.Either<BimsError, WrittenStep> => {
  if (undo.kind === 'hang') return set(writer, undo.image, undo.on, undo.settings, index)
  const { variable } = undo
  const isThere = isBound(writer, variable)
  const keeps = isThere ? [keepOf(writer, variable, false)] : []
  const doc: BlockDoc = {
    text: `Takes step ${index} back.`,
    fields: [
      ['name', '', 'Undo'],
      ['execution', '', 'execute'],
      ['evidence', '', 'recorded'],
      ['reverts', '', String(index)]
    ]
  }
  const [kept] = keeps
  if (undo.kind === 'restore') {
    return write(writer, {
      doc,
      imports: [],
      keeps,
      code: `${variable} = ${undo.kept}`,
      results: [variable],
      undo: kept === undefined ? [{ kind: 'remove', variable }] : [{ kind: 'restore', variable, kept: kept.kept }]
    })
  }
  if (kept === undefined) return refuse(`Step ${index} has been taken back already.`, 'Take another step back.')
  return write(writer, {
    doc,
    imports: [],
    keeps,
    code: `del ${variable}`,
    results: [],
    undo: [{ kind: 'restore', variable, kept: kept.kept }]
  })
}

const undo = (writer: Writer, index: number): E.Either<BimsError, readonly WrittenStep[]> => {
  const undos = writer.undos[index]
  if (undos === undefined || undos.length === 0)
    return refuse(
      `There is nothing to take back in step ${index}.`,
      'Give the index of a step that made or set something.'
    )
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
  const writer: Writer = {
    parser,
    state,
    knowledge,
    spelling: newSpelling(),
    undos: [],
    settings: new Map(),
    modules: new Set(),
    kept: new Map()
  }
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
    TE.chain(header =>
      pipe(
        loadPythonParser,
        TE.map(parser => newWriter(parser, header, options))
      )
    )
  )
