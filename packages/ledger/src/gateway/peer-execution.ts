import type { Signer } from '@bims/core'
import type { Proposal } from '@hyperledger/fabric-gateway'
import { gateway, peer } from '@hyperledger/fabric-protos'
import { codeOfThrown } from './error.ts'
import type { Link } from './link.ts'
import { fabricSigner } from './signing.ts'

const unimplemented = 12

const serialize = (message: peer.SignedProposal): Buffer => Buffer.from(message.serializeBinary())

const askPeer = ({ client }: Link, proposal: peer.SignedProposal, within: number): Promise<peer.ProposalResponse> =>
  new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      '/protos.Endorser/ProcessProposal',
      serialize,
      bytes => peer.ProposalResponse.deserializeBinary(bytes),
      proposal,
      { deadline: Date.now() + within },
      (error, response) => {
        if (error !== null) reject(error)
        else if (response === undefined) reject(new Error('the peer answered nothing'))
        else resolve(response)
      }
    )
  })

/**
 * Has the peer at the other end execute a proposal itself: its gateway might choose another one of the organisation, which shows
 * nothing of what this one holds. Where a peer does not serve that (the embedded ledger has one peer an organisation), its gateway is
 * asked. Rejects as gRPC does; a chaincode's refusal as an error with its message.
 */
export const executeAt = async (
  link: Link,
  proposal: Proposal,
  signer: Signer,
  within: number
): Promise<Uint8Array> => {
  const proposed = gateway.ProposedTransaction.deserializeBinary(proposal.getBytes())
  const signed = proposed.getProposal() ?? new peer.SignedProposal()
  signed.setSignature(await fabricSigner(signer)(signed.getProposalBytes_asU8()))
  try {
    const response = (await askPeer(link, signed, within)).getResponse()
    if (response === undefined || response.getStatus() >= 400)
      throw Object.assign(new Error(response?.getMessage() ?? 'the peer answered nothing'), { code: 2 })
    return response.getPayload_asU8()
  } catch (cause) {
    if (codeOfThrown(cause) !== unimplemented) throw cause
    return proposal.evaluate()
  }
}
