import { newError, toBase64, type BimsError, type Receipt } from '@bims/core'
import { common, gateway, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'

const actionOf = (transaction: Uint8Array): peer.ChaincodeEndorsedAction | undefined => {
  const envelope = gateway.PreparedTransaction.deserializeBinary(transaction).getEnvelope()
  if (envelope === undefined) return undefined
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8())
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList()
  return action === undefined
    ? undefined
    : peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8()).getAction()
}

/** The endorsements of a prepared transaction as a receipt over a record. Fails with `ledger-refused` where there are none. */
export const receiptOf = (over: string, transaction: Uint8Array): E.Either<BimsError, Receipt> => {
  const action = actionOf(transaction)
  const endorsements = action?.getEndorsementsList() ?? []
  if (action === undefined || endorsements.length === 0)
    return E.left(newError('ledger-refused', 'The peers answered without endorsements.', 'Ask another peer.'))
  return E.right({
    schema: 'bims.receipt/1',
    over,
    payload: toBase64(action.getProposalResponsePayload_asU8()),
    endorsements: endorsements.map(endorsement => ({
      endorser: toBase64(endorsement.getEndorser_asU8()),
      signature: toBase64(endorsement.getSignature_asU8())
    }))
  })
}
