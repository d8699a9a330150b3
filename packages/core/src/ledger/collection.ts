import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError } from '../errors.ts'

/** A private collection as Fabric's file collections_config.json describes it. */
export interface CollectionConfig {
  readonly name: string
  /** Whose it is, in Fabric's policy language: `OR('Org1MSP.member')`. */
  readonly policy: string
  /** Peers beside the endorsing one that must have what is written before it is endorsed, and those that are tried. */
  readonly requiredPeerCount?: number
  readonly maxPeerCount?: number
  /** Blocks after which it is purged; 0 or absent: never. */
  readonly blockToLive?: number
  /** Whether the peer itself refuses callers that are no members. */
  readonly memberOnlyRead?: boolean
  readonly memberOnlyWrite?: boolean
  /** Who must endorse what is written there; absent: whoever the chaincode's own policy says. */
  readonly endorsementPolicy?: { readonly signaturePolicy?: string; readonly channelConfigPolicy?: string }
}

const hexOf = (byte: number): string => `_${byte.toString(16).padStart(2, '0')}`

/**
 * Name of the private collection in which an organisation's restricted records and attachments stand: `restricted_Org1MSP`. Fabric
 * takes letters, digits, `-` and `_` in such a name, so every other byte of the MSP id, and `_` itself, is written as `_` and two
 * hexadecimal digits: different MSP ids never have the same name.
 */
export const restrictedCollection = (mspId: string): string =>
  `restricted_${[...new TextEncoder().encode(mspId)]
    .map(byte => (/[A-Za-z0-9-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hexOf(byte)))
    .join('')}`

/** What Fabric's policy language takes as an MSP id. */
const policyName = /^[A-Za-z0-9.-]+$/

const collectionOf = (mspId: string): CollectionConfig => ({
  name: restrictedCollection(mspId),
  policy: `OR('${mspId}.member')`,
  requiredPeerCount: 0,
  maxPeerCount: 3,
  blockToLive: 0,
  memberOnlyRead: true,
  // Whoever shares a record writes it into the receiver's collection.
  memberOnlyWrite: false,
  endorsementPolicy: { signaturePolicy: `OR('${mspId}.peer')` }
})

/**
 * The collections that the BIMS chaincode's definition needs on a channel, one for each organisation: what stands in Fabric's
 * collections_config.json. Fails with `usage` where Fabric's policy language cannot name an organisation, or two are the same.
 */
export const collectionsConfig = (mspIds: readonly string[]): E.Either<BimsError, readonly CollectionConfig[]> => {
  const stranger = mspIds.find((mspId, i) => !policyName.test(mspId) || mspIds.indexOf(mspId) !== i)
  return stranger === undefined
    ? E.right(mspIds.map(collectionOf))
    : E.left(
        newError(
          'usage',
          `${JSON.stringify(stranger)} cannot be the MSP id of a collection, or stands there twice.`,
          'Name each organisation of the channel once; Fabric takes letters, digits, . and - in the MSP id of a policy.'
        )
      )
}
