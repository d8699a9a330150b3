import type { FindPolicy } from '../policies/chaincode-policies.ts'
import type { EndorserContext } from './endorser.ts'
import type { Orderer } from './orderer.ts'
import type { OwnEndorsements } from './own-endorsements.ts'
import type { Signer } from './signer.ts'
import type { CheckedTransaction } from './validate.ts'
import type { common } from '@hyperledger/fabric-protos'

/** An organisation's peer as the others see it. */
export interface OrganizationPeer {
  readonly mspId: string
  readonly signer: Signer
  /** `host:port`, for error details. */
  readonly endpoint: () => string
}

/** All that the services of a peer work with; one ledger stands behind the peers of all organisations. */
export interface LedgerContext extends EndorserContext {
  readonly policy: FindPolicy
  readonly peers: readonly OrganizationPeer[]
  readonly orderer: Orderer
  readonly endorsements: OwnEndorsements
  readonly check: (envelope: common.Envelope) => Promise<CheckedTransaction>
  /** Aborted when the ledger stops: every stream ends. */
  readonly stopping: AbortSignal
}
