import { content, fieldsOf, isBytes, nextField, none } from '../wire/fields.ts'
import { sha256Hex } from './block.ts'
import type { Envelope } from './envelope.ts'
import { parseReadWriteSet, type NamespaceSet } from './read-write-set.ts'
import { validationCodes as Code } from './validation-code.ts'

/** What endorsers signed, and who did. */
export interface EndorsedPayload {
  /** Serialized ChaincodeProposalPayload: what was called, without the transient part. */
  readonly proposal: Buffer
  /** Serialized ProposalResponsePayload: what each endorser signed, before its own identity. */
  readonly response: Buffer
  /** The hash over the proposal that stands in it. */
  readonly hash: Buffer
  readonly extension: Buffer
  readonly endorsements: readonly { readonly endorser: Buffer; readonly signature: Buffer }[]
}

/** An endorsed transaction taken apart. */
export interface Action {
  readonly chaincode: string
  readonly version: string
  readonly sets: readonly NamespaceSet[]
}

const soleAction = (data: Buffer): Buffer | undefined => {
  let action: Buffer | undefined
  let count = 0
  const f = fieldsOf(data)
  while (nextField(f)) {
    if (!isBytes(f, 1)) continue
    action = content(f)
    count += 1
  }
  return f.bad || count !== 1 ? undefined : action
}

const firstTwo = (bytes: Buffer): readonly [first: Buffer, second: Buffer] | undefined => {
  let first = none
  let second = none
  const f = fieldsOf(bytes)
  while (nextField(f)) {
    if (isBytes(f, 1)) first = content(f)
    else if (isBytes(f, 2)) second = content(f)
  }
  return f.bad ? undefined : [first, second]
}

type Endorsement = EndorsedPayload['endorsements'][number]

const endorsedAction = (bytes: Buffer): Pick<EndorsedPayload, 'response' | 'endorsements'> | undefined => {
  let response = none
  const endorsements: Endorsement[] = []
  const f = fieldsOf(bytes)
  while (nextField(f)) {
    if (isBytes(f, 1)) response = content(f)
    else if (isBytes(f, 2)) {
      const parts = firstTwo(content(f))
      if (parts === undefined) return undefined
      endorsements.push({ endorser: parts[0], signature: parts[1] })
    }
  }
  return f.bad ? undefined : { response, endorsements }
}

/** The id that a transaction must have: SHA-256 over nonce and creator, in hex. */
export const transactionIdOf = ({ nonce, creator }: Pick<Envelope, 'nonce' | 'creator'>): string =>
  sha256Hex(nonce, creator)

const openAction = (data: Buffer): readonly [header: Buffer, payload: Buffer] | undefined => {
  const action = soleAction(data)
  return action === undefined ? undefined : firstTwo(action)
}

const openPayload = (payload: Buffer): EndorsedPayload | undefined => {
  const [proposal, endorsed] = firstTwo(payload) ?? []
  const inner = endorsed === undefined ? undefined : endorsedAction(endorsed)
  const response = inner === undefined ? undefined : firstTwo(inner.response)
  if (proposal === undefined || inner === undefined || response === undefined) return undefined
  return { proposal, hash: response[0], extension: response[1], ...inner }
}

/**
 * Takes the data of an endorsed transaction apart and checks that proposal, response and transaction belong together;
 * undefined where they do not (`INVALID_ENDORSER_TRANSACTION`).
 */
export const parseEndorsed = (envelope: Envelope): EndorsedPayload | undefined => {
  const [header, payload] = openAction(envelope.data) ?? []
  const endorsed = payload === undefined ? undefined : openPayload(payload)
  if (header === undefined || endorsed === undefined) return undefined
  // The header of the action is that of the envelope, so that what was read of this one says who signed that one.
  const isSame = header.equals(envelope.signatureHeader) && envelope.creator.length > 0 && envelope.nonce.length > 0
  const holds = endorsed.hash.toString('hex') === sha256Hex(envelope.channelHeader, header, endorsed.proposal)
  return isSame && holds ? endorsed : undefined
}

interface ActionParts {
  results: Buffer
  events: Buffer
  chaincode: Buffer | undefined
}

const actionParts = (extension: Buffer): ActionParts | undefined => {
  const parts: ActionParts = { results: none, events: none, chaincode: undefined }
  const f = fieldsOf(extension)
  while (nextField(f)) {
    if (isBytes(f, 1)) parts.results = content(f)
    else if (isBytes(f, 2)) parts.events = content(f)
    else if (isBytes(f, 4)) parts.chaincode = content(f)
  }
  return f.bad ? undefined : parts
}

const chaincodeId = (bytes: Buffer): { readonly name: string; readonly version: string } | undefined => {
  let name = ''
  let version = ''
  const f = fieldsOf(bytes)
  while (nextField(f)) {
    if (isBytes(f, 2)) name = content(f).toString()
    else if (isBytes(f, 3)) version = content(f).toString()
  }
  return f.bad ? undefined : { name, version }
}

const calledChaincode = (extension: Buffer): string | undefined => {
  const id = firstTwo(extension)?.[1]
  return id === undefined ? undefined : (chaincodeId(id)?.name ?? undefined)
}

const eventProblem = (events: Buffer, chaincode: string): boolean => {
  if (events.length === 0) return false
  const event = firstTwo(events)
  return event?.[0].toString() !== chaincode
}

const hasTwice = (sets: readonly NamespaceSet[]): boolean =>
  sets.length > 1 && new Set(sets.map(({ namespace }) => namespace)).size < sets.length

const named = (called: string, parts: ActionParts, sets: readonly NamespaceSet[]): Action | number => {
  const id = parts.chaincode === undefined ? undefined : chaincodeId(parts.chaincode)
  if (id === undefined) return Code.INVALID_OTHER_REASON
  if (called === '' || called !== id.name || id.version === '') return Code.INVALID_CHAINCODE
  if (eventProblem(parts.events, id.name)) return Code.INVALID_OTHER_REASON
  return hasTwice(sets) ? Code.ILLEGAL_WRITESET : { chaincode: id.name, version: id.version, sets }
}

/** Reads what an endorsed transaction did; else the validation code that Fabric gives it, in the order of its own checks. */
export const parseAction = (envelope: Envelope, extension: Buffer): Action | number => {
  const called = calledChaincode(envelope.extension)
  if (called === undefined) return Code.BAD_HEADER_EXTENSION
  const parts = actionParts(extension)
  if (parts === undefined) return Code.BAD_RESPONSE_PAYLOAD
  const sets = parseReadWriteSet(parts.results)
  return sets === undefined ? Code.BAD_RWSET : named(called, parts, sets)
}
