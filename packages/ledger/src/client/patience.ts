/** How often and how long is tried. */
export interface Patience {
  /** Proposals for one batch: more than one only after conflicts of what was read. */
  readonly proposals: number
  /** Attempts to have a proposal endorsed while the ledger does not answer. */
  readonly endorsements: number
  /** Times that the same signed bytes are submitted while their outcome is unknown. */
  readonly submissions: number
  /** Times that the owner's peers are asked for restricted records: gossip among them may take some seconds after the block. */
  readonly readBacks: number
  /** Times that something is asked for which is known to be committed, while a peer that is behind says that it is not there. */
  readonly arrivals: number
}

/** Covers an election of orderers (23 s were seen) and a restart of a peer. */
export const defaultPatience: Patience = { proposals: 5, endorsements: 3, submissions: 6, readBacks: 8, arrivals: 12 }
