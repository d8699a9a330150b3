/** The number under which a worker speaks of an identity; what it stands for is said once. */
export type IdentityHandle = number

/** Where the verdict on a signature stands among those of its batch; -1: it cannot hold, for there is no key on P-256. */
export type VerdictIndex = number

/** A signature as it was found. */
export interface FoundSignature {
  /** -1 where the signer cannot be told. */
  readonly signer: IdentityHandle
  readonly verdict: VerdictIndex
}

/** Reads of keys as they travel between threads: hash of the key, block (-1: was not there) and place, again and again. */
export type PackedReads = readonly (string | number)[]

/** A range query, with keys as binary text. */
export interface RangeFinding {
  readonly start: string
  readonly end: string
  readonly exhausted: boolean
  readonly reads: readonly { readonly key: string; readonly block: number; readonly place: number }[]
  /** The top of a Merkle tree, hashes in hex, that stands for many reads. */
  readonly summary?: { readonly degree: number; readonly level: number; readonly hashes: readonly string[] }
}

/** A policy of its own that a key was given, or lost. */
export interface KeyPolicyWrite {
  readonly key: string
  /** Serialized signature policy; undefined: the key is under its chaincode's policy again. */
  readonly policy: Uint8Array | undefined
}

/**
 * What a transaction did in one chaincode's state. Keys are named by 16 characters, a hash over namespace, collection and
 * key, several one after another in one text; what there is nothing of is left out, since all of it travels between threads.
 */
export interface SpaceFinding {
  readonly namespace: string
  readonly reads?: PackedReads
  readonly hashedReads?: PackedReads
  readonly ranges?: readonly RangeFinding[]
  readonly writes?: string
  readonly deletes?: string
  /**
   * Public keys in the order of writes, then deletes; binary text. Only what ranges are checked against; left out for the
   * BIMS chaincode, whose transactions read no ranges: its keys are most of a chain.
   */
  readonly keys?: readonly string[]
  /** How many of those, at the end, were deleted. */
  readonly publicDeletes?: number
  /** Whether it wrote public keys or their metadata. */
  readonly writesPublic?: boolean
  /** Private collections that it wrote to, each with its keys. */
  readonly collections?: readonly { readonly name: string; readonly keys: string }[]
  readonly keyPolicies?: readonly KeyPolicyWrite[]
  /** Key and value of what was written to the lifecycle's own state. */
  readonly lifecycle?: readonly (readonly [key: string, value: Uint8Array])[]
}

/** What was found of a transaction without knowing the state or the configuration. */
export interface TransactionFinding {
  /** The validation code as far as form goes, before the creator is looked at. */
  readonly early: number
  /** The code as far as form goes, once the creator is accepted; `BAD_PROPOSAL_TXID` and so on. */
  readonly late: number
  /** The code that comes after a look for the same id; bad read and write sets and the like. */
  readonly last: number
  readonly type: number
  readonly channel: string
  readonly txId: string
  readonly creator: FoundSignature
  readonly endorsements: readonly FoundSignature[]
  readonly chaincode: string
  readonly spaces: readonly SpaceFinding[]
  /** Records that it brought. */
  readonly records: number
  /** What is wrong with its records, if the ledger counts it as valid. */
  readonly recordProblems: readonly string[]
  /** Serialized ConfigEnvelope of a configuration transaction. */
  readonly config?: Uint8Array
}

/** What was found of a block without knowing what came before. */
export interface BlockFinding {
  readonly number: number
  readonly hash: string
  readonly previousHash: string
  readonly dataHashHolds: boolean
  /** Every byte of it is one that Fabric would write. */
  readonly exact: boolean
  readonly signatures: readonly FoundSignature[]
  /** What is wrong with its metadata. */
  readonly metadataProblems: readonly string[]
  /** Number of the last configuration block, as the orderers signed it. */
  readonly lastConfig: number | undefined
  /** Metadata that nobody signs and that is there. */
  readonly unsigned: readonly string[]
  readonly flags: Uint8Array
  /** Hex of the commit hash that it carries; empty where it carries none. */
  readonly commitHash: string
  /** Whether that is the one that its writes and the one before give; undefined where that cannot be computed. */
  readonly commitHashHolds: boolean | undefined
  readonly transactions: readonly TransactionFinding[]
  /** Signatures that it bears. */
  readonly verified: number
}

/** A block that could not even be taken apart. */
export interface UnreadableBlock {
  readonly unreadable: true
}
