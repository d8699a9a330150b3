import { type BimsError, type Issue, newError, parseValueName, type Step } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { Parser } from 'web-tree-sitter'
import { type LogBlock, parseLogText } from '../../../python/blocks.ts'
import { runBlock } from '../../../python/session/interpreter.ts'
import type { Knowledge } from '../../../python/session/knowledge.ts'
import { type LogState } from '../../../python/session/log-state.ts'
import { parseNotes } from '../../../python/session/step-notes.ts'
import { type BlockDoc, blockText } from './block-text.ts'
import { type Spelling } from './spelling.ts'
import type { StepDraft } from './step-draft.ts'
import { type Undo } from './undo.ts'

/** A block as it is appended to the log, and the step as it will be read from there. */
export interface WrittenStep {
  readonly text: string
  readonly step: Step
}

export const refuse = (what: string, advice: string): E.Either<BimsError, never> =>
  E.left(newError('log-grammar', what, advice))

/** What a log writer holds between steps. */
export interface Writer {
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
export interface Planned {
  readonly doc: BlockDoc
  readonly imports: readonly string[]
  readonly keeps: readonly Keep[]
  readonly code: string
  readonly undo: readonly Undo[]
  readonly results: readonly string[]
}

/** A version of a variable that is kept for undoing. */
export interface Keep {
  readonly variable: string
  readonly kept: string
  readonly copy: boolean
}

export const unreadable = (issues: readonly Issue[]): BimsError =>
  newError(
    'log-grammar',
    'The step cannot be read back as one step.',
    'Give names, digests and attachments in the form of docs/spec/log.md.',
    { issues }
  )

/** One block, whose notes have their form; nothing is run yet. */
export const parseBlock = (writer: Writer, text: string): E.Either<BimsError, LogBlock> => {
  const parsed = parseLogText(writer.parser, text, { escapes: true })
  if (E.isLeft(parsed)) return parsed
  const [block, ...more] = parsed.right.blocks
  if (block === undefined || more.length > 0)
    return refuse('The text would not be one block.', 'Report it: this should not happen.')
  const issues: Issue[] = []
  parseNotes(block.doc, block.line, issues)
  return issues.length > 0 ? E.left(unreadable(issues)) : E.right(block)
}

/** Which variables hold what, after a step. */
const followStep = (writer: Writer, planned: Planned, step: Step): void => {
  for (const path of planned.imports) writer.modules.add(path.split('.')[0] ?? path)
  for (const { variable, kept } of planned.keeps) writer.spelling.move(variable, kept)
  for (const { value } of step.writes) {
    const name = parseValueName(value)?.name
    if (name !== undefined && isBound(writer, name)) writer.spelling.hold(value, name)
  }
  writer.undos.push(planned.undo)
}

/** The text goes through the reader itself: what is returned is what everybody will read. */
export const write = (writer: Writer, planned: Planned): E.Either<BimsError, WrittenStep> => {
  const definitions = planned.keeps.map(({ variable, kept, copy }) => `${kept} = ${variable}${copy ? '.copy()' : ''}`)
  const text = blockText(planned.doc, planned.imports, definitions, planned.code)
  const block = parseBlock(writer, text)
  if (E.isLeft(block)) return block
  const { state } = writer
  const before = state.steps.length
  runBlock(state, block.right)
  const step = state.steps[before]
  if (state.issues.length > 0 || step === undefined || state.steps.length !== before + 1)
    return E.left(unreadable(state.issues.splice(0)))
  followStep(writer, planned, step)
  return E.right({ text, step })
}

export const isBound = (writer: Writer, variable: string): boolean => writer.state.scope.variables.has(variable)
