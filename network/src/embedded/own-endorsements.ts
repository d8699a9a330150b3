import { peer } from '@hyperledger/fabric-protos'
import { sha256 } from './messages.ts'
import type { Signer } from './signer.ts'

/** Endorsements by the ledger's own peers, and the memory of those made lately. */
export interface OwnEndorsements {
  /** An organisation's peer signs what came of an execution. */
  readonly endorse: (signer: Signer, responsePayload: Uint8Array) => peer.Endorsement
  /** Tells whether exactly this was signed here: then it need not be verified again. */
  readonly made: (responsePayload: Uint8Array, endorsement: peer.Endorsement) => boolean
}

const maxRemembered = 20_000

const fingerprint = (responsePayload: Uint8Array, identity: Uint8Array, signature: Uint8Array): string =>
  // The identity's length keeps two different splittings of the same bytes apart.
  sha256(Buffer.from([identity.length >> 8, identity.length & 255]), identity, signature, responsePayload).toString(
    'latin1'
  )

/**
 * Begins to sign and to remember. Verifying a signature costs about three times as much as making it, and between
 * endorsing and ordering a transaction the same process would verify its own.
 */
export const newOwnEndorsements = (): OwnEndorsements => {
  const remembered = new Set<string>()
  return {
    endorse: (signer, responsePayload) => {
      const endorsement = new peer.Endorsement()
      endorsement.setEndorser(signer.identity)
      endorsement.setSignature(signer.sign(Buffer.concat([responsePayload, signer.identity])))
      if (remembered.size >= maxRemembered) remembered.delete(remembered.values().next().value ?? '')
      remembered.add(fingerprint(responsePayload, signer.identity, endorsement.getSignature_asU8()))
      return endorsement
    },
    made: (responsePayload, endorsement) =>
      remembered.has(fingerprint(responsePayload, endorsement.getEndorser_asU8(), endorsement.getSignature_asU8()))
  }
}
