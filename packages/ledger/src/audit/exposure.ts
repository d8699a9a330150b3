import { msp, type peer } from '@hyperledger/fabric-protos'
import { restrictedCollection } from '@bims/core/ledger-state'
import { decoded } from '../wire/exact.ts'
import { definedCollections } from './lifecycle.ts'

const { Classification } = msp.MSPPrincipal

const isOf =
  (mspId: string) =>
  (principal: msp.MSPPrincipal): boolean =>
    principal.getPrincipalClassification() === Classification.ROLE &&
    decoded(msp.MSPRole, principal.getPrincipal_asU8())?.getMspIdentifier() === mspId

const isClosed = (mspId: string, collection: peer.StaticCollectionConfig): boolean =>
  collection.getMemberOnlyRead() &&
  (collection.getMemberOrgsPolicy()?.getSignaturePolicy()?.getIdentitiesList() ?? []).every(isOf(mspId))

/**
 * What of the writes to the lifecycle's state lets others than its organisation read a collection for restricted records, in
 * words. Such a definition is valid, if the organisations endorsed it; an auditor is told all the same.
 */
export const exposures = (
  writes: readonly (readonly [key: string, value: Uint8Array])[],
  mspIds: readonly string[]
): readonly string[] =>
  writes.flatMap(([key, value]) => {
    const { chaincode = '', collections = [] } = definedCollections(key, value) ?? {}
    return mspIds.flatMap(mspId => {
      const own = collections.find(one => one.getName() === restrictedCollection(mspId))
      return own === undefined || isClosed(mspId, own)
        ? []
        : [`the definition of ${chaincode} lets others than ${mspId} read its collection ${own.getName()}`]
    })
  })
