import type { IdentityOptions } from '../identity/identity.ts'
import type { Capabilities } from '../production.ts'

/** How the outputs of a replay are saved. */
export interface SaveOutputsOptions extends IdentityOptions {
  readonly outbox?: string
  readonly overwrite?: boolean
  readonly capabilities?: Capabilities
}
