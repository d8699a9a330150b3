export { pythonHost } from './host.ts'
export { logSchema } from './header.ts'
export { hangingKinds, preamble } from './preamble.ts'
export { newLogWriter } from './write/log-writer.ts'

export type { HangingKind } from './preamble.ts'
export type { LogWriter, WrittenStep } from './write/log-writer.ts'
export type { LogWriterOptions } from './write/header-text.ts'
export type { InputDraft, ParameterDraft, StepDraft } from './write/step-draft.ts'
