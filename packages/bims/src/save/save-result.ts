import type { ManifestImage } from '@bims/core'
import type { Identity } from '../identity/identity.ts'
import type { Queued } from '../submit/queue.ts'
import type { KeptHistory } from './kept-history.ts'
import type { LogParts } from './log-parts.ts'
import { inherited } from './restriction.ts'
import type { SavedMacro } from './saved-macro.ts'
import type { Written } from './write-file.ts'

/** What became of saving. */
export interface SaveResult extends Written {
  /** Id of the manifest. */
  readonly manifest: string
  readonly images: readonly ManifestImage[]
  /** Ids of the records that wait in the outbox. */
  readonly queued: readonly string[]
  /** Digests of the attachments that wait there. */
  readonly attached: readonly string[]
  /** The records are kept from other organisations. */
  readonly restricted: boolean
  readonly macro?: SavedMacro
  /** Subject of the certificate that signed; absent where nobody did. */
  readonly signedBy?: string
  readonly warnings: readonly string[]
}

/** What a result is told from. */
export interface SavingDone {
  readonly written: Written
  readonly manifest: string
  readonly images: readonly ManifestImage[]
  readonly queued: Queued
  readonly restricted: boolean
  /** Whether somebody said that it is, or is not, to be restricted. */
  readonly asked: boolean
  /** How the image was made; undefined where nothing tells it. */
  readonly making: Pick<KeptHistory, 'macro' | 'warnings'> | undefined
  readonly identity: Identity | undefined
}

/** The macro of a log as a result tells it. */
export const toldMacro = ({ macro: { macro, slice } }: LogParts): SavedMacro => ({
  id: macro.id,
  kept: slice.kept.length,
  steps: macro.record.head.size,
  proof: macro.record.redaction.proof.kind
})

/** Tells what became of saving. */
export const saveResult = (done: SavingDone): SaveResult => {
  const { asked, identity, images, making, manifest, queued, restricted, written } = done
  return {
    ...written,
    manifest,
    images,
    queued: queued.ids,
    attached: queued.attachments,
    restricted,
    ...(making?.macro === undefined ? {} : { macro: making.macro }),
    ...(identity === undefined ? {} : { signedBy: identity.subject }),
    warnings: [...(making?.warnings ?? []), ...(restricted && !asked ? [inherited] : []), ...queued.warnings]
  }
}
