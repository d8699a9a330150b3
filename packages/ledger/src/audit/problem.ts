/** What can be wrong with a chain. Every kind is explained in docs/spec/ledger.md. */
export type AuditProblemKind =
  /** Bytes that are no block, or stored bytes whose checksum does not hold. */
  | 'block-damaged'
  /** A block is missing, or another stands in its place. */
  | 'block-missing'
  /** A block does not name the hash of the block before it. */
  | 'chain-broken'
  /** The transactions of a block are not those that its header names. */
  | 'data-hash'
  /** A block was not signed by the orderers that the configuration asks for. */
  | 'orderer-signature'
  /** Metadata that nobody signs says something else than what is computed anew. */
  | 'metadata'
  /** A configuration that cannot be read or does not follow on the one before. */
  | 'configuration'
  /** The organisations of the chain are not those that the auditor trusts. */
  | 'trust'
  /** A transaction was marked valid, or invalid, and is not. */
  | 'validation'
  /** The commit hash is not the one that the writes give. */
  | 'commit-hash'
  /** A record does not have the id under which it was submitted, or cannot be found by it. */
  | 'record'
  /** The chain ends before a block that was seen on it. */
  | 'shortened'
  /** It is another chain than the one seen before. */
  | 'other-chain'

/** One thing that is wrong, and exactly where. */
export interface AuditProblem {
  readonly kind: AuditProblemKind
  /** Number of the block. */
  readonly block?: number
  /** 0-based place of the transaction in its block. */
  readonly place?: number
  /** Id of the transaction. */
  readonly transaction?: string
  readonly what: string
}

/** Something that no signature covers. */
export interface UnsignedField {
  readonly field: string
  /** How the audit makes up for it, or that it cannot. */
  readonly how: string
}
