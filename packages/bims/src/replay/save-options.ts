import type { IdentityOptions } from '../identity/identity.ts'
import type { Capabilities } from '../production.ts'

/** How the outputs of a replay are saved. */
export interface SaveOutputsOptions extends IdentityOptions {
  readonly outbox?: string
  readonly overwrite?: boolean
  /** The records stay in the private collection of the signer's organisation; where nothing is said, if those of the replayed image or of an input do. */
  readonly restricted?: boolean
  readonly attachmentBytes?: number
  readonly capabilities?: Capabilities
}
