import { peer } from '@hyperledger/fabric-protos'
import { sha256 } from '../protobuf/messages.ts'
import type { Signer } from './signer.ts'

/** Endorsements by the ledger's own peers, and the memory of those made lately. */
export interface OwnEndorsements {
  /** Organisations' peers sign what came of an execution. */
  readonly endorse: (signers: readonly Signer[], responsePayload: Uint8Array) => readonly peer.Endorsement[]
  /** Tells whether exactly this was signed here: then it need not be verified again. */
  readonly made: (responsePayload: Uint8Array) => (endorsement: peer.Endorsement) => boolean
}

const maxRemembered = 20_000

const fingerprint = (payloadHash: Uint8Array, identity: Uint8Array, signature: Uint8Array): string =>
  // The identity's length keeps two different splittings of the same bytes apart.
  sha256(Buffer.from([identity.length >> 8, identity.length & 255]), identity, signature, payloadHash).toString(
    'latin1'
  )

/**
 * Begins to sign and to remember. Verifying a signature costs about three times as much as making it, and between
 * endorsing and ordering a transaction the same process would verify its own.
 */
export const newOwnEndorsements = (): OwnEndorsements => {
  const remembered = new Set<string>()
  return {
    endorse: (signers, responsePayload) => {
      const payloadHash = sha256(responsePayload)
      return signers.map(signer => {
        const signature = signer.sign(responsePayload, signer.identity)
        if (remembered.size >= maxRemembered) remembered.delete(remembered.values().next().value ?? '')
        remembered.add(fingerprint(payloadHash, signer.identity, signature))
        const endorsement = new peer.Endorsement()
        endorsement.setEndorser(signer.identity)
        endorsement.setSignature(signature)
        return endorsement
      })
    },
    made: responsePayload => {
      const payloadHash = sha256(responsePayload)
      return endorsement =>
        remembered.has(fingerprint(payloadHash, endorsement.getEndorser_asU8(), endorsement.getSignature_asU8()))
    }
  }
}
