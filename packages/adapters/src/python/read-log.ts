import { type BimsError, type MacroContent, newError } from '@bims/core'
import { type Either, left, map, right } from 'fp-ts/lib/Either.js'
import type { DocText } from './docstring.ts'
import type { LogText } from './blocks.ts'
import { runBlock } from './session/interpreter.ts'
import { outputsOf } from './session/log-outputs.ts'
import type { Knowledge } from './session/knowledge.ts'
import { isExhausted, type LogState, newLogState } from './session/log-state.ts'
import { newScope } from './session/scope.ts'

/** What the header of a log says; each host has its own words for it. */
export type LogHeader = Pick<MacroContent, 'host' | 'environment'>

const tooTangled = (): BimsError =>
  newError(
    'log-grammar',
    'The log has too many steps, or its steps reach too many values.',
    'Split the log into several.'
  )

const wrong = (state: LogState): BimsError =>
  newError('log-grammar', 'The log does not have the form of docs/spec/log.md.', 'Correct the lines listed.', {
    issues: state.issues
  })

/** Runs through all blocks; fails with `log-grammar`, all problems in `issues`. */
const interpret = (text: LogText, knowledge: Knowledge): Either<BimsError, LogState> => {
  const state = newLogState(knowledge, newScope())
  for (const block of text.blocks) {
    if (isExhausted(state)) break
    runBlock(state, block)
  }
  if (state.issues.length > 0) return left(wrong(state))
  return isExhausted(state) ? left(tooTangled()) : right(state)
}

/** Makes the macro of a log that has been taken apart. */
export const readMacro = (
  text: LogText,
  header: (doc: DocText) => LogHeader,
  newKnowledge: (header: LogHeader) => Knowledge
): Either<BimsError, MacroContent> => {
  const { host, environment } = header(text.header)
  return map((state: LogState): MacroContent => ({
    host,
    language: 'python',
    environment,
    inputs: state.inputs,
    outputs: outputsOf(state),
    steps: state.steps
  }))(interpret(text, newKnowledge({ host, environment })))
}
