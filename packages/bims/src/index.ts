/**
 * BIMS for programs: acquire, log, save, submit, verify, replay. Every function rejects with a `BimsError`: a stable
 * code, what happened, and what to do.
 *
 * @module
 */
export { Bims, openBims } from './bims.ts'
export { AcquisitionRecorder } from './acquire/recorder.ts'
export { LogSession } from './log/session.ts'
export { saveFile } from './save/save-file.ts'
export { sliceLog } from './save/slice-log.ts'
export { strip } from './save/strip.ts'
export { submitFiles } from './submit/submit-files.ts'
export { ledgerOf } from './submit/ledger-access.ts'
export { verify } from './verify/verify.ts'
export { extract } from './verify/extract.ts'
export { inspect } from './inspect/inspect.ts'
export { digest } from './inspect/digest.ts'
export { Replay, replay } from './replay/replay.ts'
export { isBimsError, kV, ms, nm, s, um, volt } from '@bims/core'

export type { BimsOptions, InstrumentHandle, SaveImageOptions } from './bims.ts'
export type { ChannelSettings, RecordedAcquisition } from './acquire/recorder.ts'
export type { PlaneSetting, Position } from './acquire/plane-log.ts'
export type { Logged, LoggedAttachment, LogOptions, Run, StepOptions, StepParameter } from './log/session.ts'
export type { SaveOptions, SaveResult } from './save/save-file.ts'
export type { SlicedLog } from './save/slice-log.ts'
export type { Target } from './save/write-file.ts'
export type { SubmitOptions, SubmitReport } from './submit/submit-files.ts'
export type { LedgerAccess } from './submit/ledger-access.ts'
export type { VerifyOptions, VerifyReport } from './verify/verify.ts'
export type { InspectReport } from './inspect/inspect.ts'
export type { ReplayOptions } from './replay/replay.ts'
export type { SaveOutputsOptions } from './replay/save-options.ts'
export type { IdentityOptions } from './identity/identity.ts'
export type { Watch } from './files/open-image.ts'
export type { Capabilities } from './production.ts'
export type { BimsError, BimsErrorCode, Quantity } from '@bims/core'
