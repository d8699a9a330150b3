import { parseAction, parseEndorsed, transactionIdOf, type Action, type EndorsedPayload } from '../chain/action.ts'
import { envelopeTypes, parseEnvelope, type Envelope } from '../chain/envelope.ts'
import type { KeyRead, KeyWrite, MetadataWrite, NamespaceSet, RangeRead } from '../chain/read-write-set.ts'
import { validationCodes as Code } from '../chain/validation-code.ts'
import type {
  FoundSignature,
  KeyPolicyWrite,
  PackedReads,
  RangeFinding,
  SpaceFinding,
  TransactionFinding
} from './finding.ts'
import { keyHasher } from './key-hash.ts'
import type { KeyRing } from './key-ring.ts'
import { checkRecords } from './record-check.ts'
import type { SignatureQueue } from './signature-queue.ts'

/** What checking transactions needs. */
export interface CheckContext {
  readonly keys: KeyRing
  /** Takes in the signatures that are to be verified. */
  readonly signatures: SignatureQueue
  /** Name of the BIMS chaincode, whose records are checked. */
  readonly chaincode: string
}

/** A transaction that was looked at, with what the commit hash goes over. */
export interface CheckedTransaction {
  readonly finding: TransactionFinding
  readonly sets: readonly NamespaceSet[]
  readonly verified: number
}

const lifecycleNamespace = '_lifecycle'
const policyEntry = 'VALIDATION_PARAMETER'

const nothing: Omit<TransactionFinding, 'early'> = {
  late: Code.VALID,
  last: Code.VALID,
  type: -1,
  channel: '',
  txId: '',
  creator: { signer: -1, verdict: -1 },
  endorsements: [],
  chaincode: '',
  spaces: [],
  records: 0,
  recordProblems: []
}

const packReads = (reads: readonly KeyRead[], hashed: (key: Buffer) => string): PackedReads =>
  reads.flatMap(({ key, version }) => [hashed(key), version?.block ?? -1, version?.place ?? 0])

// Copies: a view that travels to another thread takes the whole block along.
const copy = (bytes: Buffer): Uint8Array => new Uint8Array(bytes)

const rangeOf = ({ start, end, exhausted, reads, summary }: RangeRead): RangeFinding => ({
  start: start.toString('latin1'),
  end: end.toString('latin1'),
  exhausted,
  reads: reads.map(({ key, version }) => ({
    key: key.toString('latin1'),
    block: version?.block ?? -1,
    place: version?.place ?? -1
  })),
  ...(summary !== undefined && { summary: { ...summary, hashes: summary.hashes.map(hash => hash.toString('hex')) } })
})

const keyPolicy = (write: MetadataWrite, hashed: (key: Buffer) => string): KeyPolicyWrite => ({
  key: hashed(write.key),
  policy: write.entries.flatMap(({ name, value }) => (name === policyEntry ? [copy(value)] : []))[0]
})

type Hashed = (key: Buffer) => string

const hashesOf = (writes: readonly KeyWrite[], hashed: Hashed, deletes: boolean): string => {
  let text = ''
  for (const { key, value } of writes) if ((value === undefined) === deletes) text += hashed(key)
  return text
}

const keysOf = (writes: readonly KeyWrite[]): readonly string[] => [
  ...writes.flatMap(({ key, value }) => (value === undefined ? [] : [key.toString('latin1')])),
  ...writes.flatMap(({ key, value }) => (value === undefined ? [key.toString('latin1')] : []))
]

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

const addPublic = (space: Mutable<SpaceFinding>, set: NamespaceSet, hashed: Hashed, chaincode: string): void => {
  if (set.reads.length > 0) space.reads = packReads(set.reads, hashed)
  if (set.ranges.length > 0) space.ranges = set.ranges.map(rangeOf)
  if (set.writes.length + set.metadata.length > 0) space.writesPublic = true
  if (set.writes.length > 0) {
    space.writes = hashesOf(set.writes, hashed, false)
    space.deletes = hashesOf(set.writes, hashed, true)
  }
  if (set.metadata.length > 0) space.keyPolicies = set.metadata.map(write => keyPolicy(write, hashed))
  if (set.namespace === chaincode) return
  space.keys = keysOf(set.writes)
  space.publicDeletes = set.writes.filter(({ value }) => value === undefined).length
}

const addCollections = (space: Mutable<SpaceFinding>, set: NamespaceSet): void => {
  const reads: PackedReads[] = []
  const collections: NonNullable<SpaceFinding['collections']>[number][] = []
  const policies: KeyPolicyWrite[] = [...(space.keyPolicies ?? [])]
  for (const { name, reads: own, writes, metadata } of set.collections) {
    const hashed = keyHasher(set.namespace, name)
    reads.push(packReads(own, hashed))
    space.writes = (space.writes ?? '') + hashesOf(writes, hashed, false)
    space.deletes = (space.deletes ?? '') + hashesOf(writes, hashed, true)
    policies.push(...metadata.map(write => keyPolicy(write, hashed)))
    const keys = [...writes, ...metadata].map(({ key }) => hashed(key)).join('')
    if (keys !== '') collections.push({ name, keys })
  }
  space.hashedReads = reads.flat()
  space.collections = collections
  space.keyPolicies = policies
}

const spaceOf = (set: NamespaceSet, chaincode: string): SpaceFinding => {
  const space: Mutable<SpaceFinding> = { namespace: set.namespace }
  addPublic(space, set, keyHasher(set.namespace), chaincode)
  if (set.collections.length > 0) addCollections(space, set)
  if (set.namespace === lifecycleNamespace)
    space.lifecycle = set.writes.flatMap(({ key, value }) =>
      value === undefined ? [] : [[key.toString(), copy(value)] as const]
    )
  return space
}

const signed = (
  { keys, signatures }: CheckContext,
  serialized: Buffer,
  parts: readonly Uint8Array[],
  signature: Buffer
): FoundSignature => {
  const signer = keys.of(serialized)
  return { signer: signer.handle, verdict: signatures.add({ signer, parts, signature }) }
}

const headerProblem = (envelope: Envelope): boolean =>
  !Object.values<number>(envelopeTypes).includes(envelope.type) ||
  envelope.epoch !== 0 ||
  envelope.nonce.length === 0 ||
  envelope.creator.length === 0

const lateCode = (envelope: Envelope, endorsed: EndorsedPayload | undefined): number => {
  if (envelope.type === envelopeTypes.config) return Code.VALID
  if (envelope.type !== envelopeTypes.endorserTransaction) return Code.UNSUPPORTED_TX_PAYLOAD
  if (transactionIdOf(envelope) !== envelope.txId) return Code.BAD_PROPOSAL_TXID
  return endorsed === undefined ? Code.INVALID_ENDORSER_TRANSACTION : Code.VALID
}

const checkAction = (
  context: CheckContext,
  envelope: Envelope,
  endorsed: EndorsedPayload,
  action: Action
): Pick<TransactionFinding, 'records' | 'recordProblems' | 'chaincode' | 'spaces'> => {
  const checked =
    action.chaincode === context.chaincode ? checkRecords(envelope, endorsed.proposal, action.sets) : undefined
  return {
    chaincode: action.chaincode,
    spaces: action.sets.map(set => spaceOf(set, context.chaincode)),
    records: checked?.records ?? 0,
    recordProblems: checked?.problems ?? []
  }
}

const checkedEndorsed = (
  context: CheckContext,
  envelope: Envelope,
  endorsed: EndorsedPayload,
  base: TransactionFinding
): CheckedTransaction => {
  const action = parseAction(envelope, endorsed.extension)
  if (typeof action === 'number') return { finding: { ...base, last: action }, sets: [], verified: 1 }
  const finding = {
    ...base,
    endorsements: endorsed.endorsements.map(({ endorser, signature }) =>
      signed(context, endorser, [endorsed.response, endorser], signature)
    ),
    ...checkAction(context, envelope, endorsed, action)
  }
  return { finding, sets: action.sets, verified: 1 + endorsed.endorsements.length }
}

/** The first block's configuration bears no signature. */
const isUnsigned = (envelope: Envelope): boolean =>
  envelope.type === envelopeTypes.config && envelope.creator.length === 0 && envelope.signature.length === 0

/** Looks at a serialized envelope: everything that can be told of it without knowing the state or the configuration. */
export const checkTransaction = (context: CheckContext, bytes: Buffer): CheckedTransaction => {
  const envelope = parseEnvelope(bytes)
  if (typeof envelope === 'number') return { finding: { ...nothing, early: envelope }, sets: [], verified: 0 }
  const { type, channel, txId, data } = envelope
  const config = type === envelopeTypes.config ? { config: copy(data) } : {}
  const told = { ...nothing, type, channel, txId, ...config }
  if (isUnsigned(envelope)) return { finding: { ...told, early: Code.VALID }, sets: [], verified: 0 }
  if (headerProblem(envelope)) return { finding: { ...told, early: Code.BAD_COMMON_HEADER }, sets: [], verified: 0 }
  const creator = signed(context, envelope.creator, [envelope.payload], envelope.signature)
  const endorsed = type === envelopeTypes.endorserTransaction ? parseEndorsed(envelope) : undefined
  const late = lateCode(envelope, endorsed)
  const base: TransactionFinding = { ...told, early: Code.VALID, late, creator }
  return late !== Code.VALID || endorsed === undefined
    ? { finding: base, sets: [], verified: 1 }
    : checkedEndorsed(context, envelope, endorsed, base)
}
