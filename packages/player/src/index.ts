/**
 * The Macro Player: plans a replay, runs it step by step in an executor, and compares every result with what was
 * recorded.
 *
 * @module
 */
export { asSaved } from './compare/as-saved.ts'
export { differenceMap, differenceOf } from './compare/difference.ts'
export { resultAxes } from './executors/js/step-runner.ts'
export { executorOf } from './executors/index.ts'
export { jsExecutor } from './executors/js/index.ts'
export { Play } from './play.ts'
export { planReplay, standIn } from './plan/plan.ts'
export { preconditionProblems } from './plan/preconditions.ts'

export type { Difference } from './compare/difference.ts'
export type { Executor, ExecutorSession, Made, NamedArray } from './executors/executor.ts'
export type { OutputReport, PlayOptions, StepReport, StepStatus } from './play.ts'
export type { ParameterChange, Plan, PlannedStep, PlayableMacro, PlayRequest } from './plan/plan.ts'
