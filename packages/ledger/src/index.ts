export { embeddedMarkerOid } from './profile/marker.ts'
export {
  identityPath,
  maxProfileBytes,
  parseProfile,
  ProfileCodec,
  profileSchema,
  profileText
} from './profile/profile.ts'
export { maxIdentityBytes, readIdentity } from './identity/identity.ts'
export { externalSigner } from './identity/external-signer.ts'
export { openHsmSigner } from './identity/hsm-signer.ts'
export { newCheckpoint, openCheckpoint } from './events/checkpoint.ts'
export { organizationOf } from './identity/organization.ts'
export { openLedger } from './client/ledger.ts'
export { openOutbox } from './outbox/outbox.ts'
export { deliver } from './outbox/delivery.ts'
export { seenHeight } from './height/seen-height.ts'
export { takeLock } from './file/lock.ts'
export { nodeFileSystem } from './file/node-file-system.ts'

export type { NetworkKind, Profile, ProfileOrganization, ProfilePeer } from './profile/profile.ts'
export type { Identity } from './identity/identity.ts'
export type { SigningRequest } from './identity/external-signer.ts'
export type { HsmIdentity, HsmOptions } from './identity/hsm-signer.ts'
export type { Checkpoint, Position } from './events/checkpoint.ts'
export type { DeliveredBlock, EventOptions, LedgerEvent } from './events/events.ts'
export type { StreamOptions } from './events/stream.ts'
export type { Ledger, LedgerOptions, RecordOutcome, StandingRecord, SubmitOptions } from './client/ledger.ts'
export type { BatchLimits } from './client/batch.ts'
export type { Patience, Sender } from './client/commit.ts'
export type { CommitOutcome, Connection, Deadlines, ProposalOptions, SignedTransaction } from './gateway/connection.ts'
export type { Backlog, Outbox, OutboxFolders, OutboxSystem } from './outbox/outbox.ts'
export type { Delivery, DeliveryRequest, RecordDelivery } from './outbox/delivery.ts'
export type { SeenHeight } from './height/seen-height.ts'
export type { FileSystem, WritableFile } from './file/file-system.ts'
export type { Lock, Processes } from './file/lock.ts'
export type { ProcessIdentity } from './file/process-identity.ts'
