import type { Issue, MacroInput, MacroOutput, Step } from '@bims/core'
import type { Knowledge } from './knowledge.ts'
import type { Scope } from './scope.ts'

/** Most reads and writes of a whole log: unknown operations reach many values, and a hostile log makes many of both. */
const maxEffects = 1_000_000
/** Most steps of a log, and most iterations of one of its loops. */
export const maxSteps = 100_000
const maxIssues = 100

/** What grows while a log is read. */
export interface LogState {
  readonly knowledge: Knowledge
  readonly scope: Scope
  readonly inputs: MacroInput[]
  readonly steps: Step[]
  readonly saved: MacroOutput[]
  readonly issues: Issue[]
  /** Identifier that a host gave an object → the variable that stands for it. */
  readonly objects: Map<string, { readonly variable: string; readonly object: number }>
  /** A statement may have changed what names of libraries mean: no call is known any more. */
  rewired: boolean
  /** Code that is not understood may have bound any name. */
  unknownNames: boolean
  effects: number
}

/** Starts reading a log. */
export const newLogState = (knowledge: Knowledge, scope: Scope): LogState => ({
  knowledge,
  scope,
  inputs: [],
  steps: [],
  saved: [],
  issues: [],
  objects: new Map(),
  rewired: false,
  unknownNames: false,
  effects: 0
})

/** Reports a problem, up to a hundred. */
export const report = (state: LogState, line: number, what: string): void => {
  if (state.issues.length < maxIssues) state.issues.push({ at: `line ${line}`, what })
}

/** Whether the log has become too large to go on. */
export const isExhausted = (state: LogState): boolean =>
  state.effects > maxEffects || state.steps.length > maxSteps || state.issues.length >= maxIssues
