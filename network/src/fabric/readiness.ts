import { createPrivateKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, credentials } from '@grpc/grpc-js'
import { connect, GatewayError, hash } from '@hyperledger/fabric-gateway'
import { newError } from '@bims/core'
import { toLowS } from '../ca/low-s.ts'
import { interrupted } from './command.ts'
import { isOwn } from './nodes.ts'
import { mspIdOf } from './plan.ts'
import type { FabricPlan, PlannedPeer } from './plan.ts'
import type { Layout } from './layout.ts'

const patienceMs = 60_000

// What a peer or a chaincode said stands in the details only.
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const details = error instanceof GatewayError ? error.details.map(({ message }) => message) : []
  return [error.message, ...details].join('; ')
}

/**
 * Waits until the gateway of a peer finds enough other peers to endorse: gossip must have told it of them. It is asked
 * for the endorsement of a transaction that the chaincode refuses; that it does refuse it says that all is in place.
 * @throws `fabric-failed` where that takes too long; `interrupted`.
 */
export const peerEndorses = async (
  plan: FabricPlan,
  layout: Layout,
  peer: PlannedPeer,
  signal?: AbortSignal
): Promise<void> => {
  const keys = layout.organization(peer.organization)
  const [certificate, key, tlsRoot] = await Promise.all([
    readFile(`${keys.adminMsp}/signcerts/cert.pem`),
    readFile(`${keys.adminMsp}/keystore/priv_sk`, 'utf8'),
    readFile(keys.tlsRoot)
  ])
  const privateKey = createPrivateKey(key)
  const client = new Client(`localhost:${peer.port}`, credentials.createSsl(tlsRoot))
  const gateway = connect({
    client,
    identity: { mspId: mspIdOf(plan, peer.organization), credentials: certificate },
    signer: message => Promise.resolve(toLowS(sign('sha256', message, privateKey))),
    hash: hash.none,
    endorseOptions: () => ({ deadline: Date.now() + 20_000 })
  })
  const chaincode = plan.chaincodes.find(isOwn)
  const contract = gateway.getNetwork(plan.channel).getContract(chaincode?.name ?? '')
  // All at once: the refusal of the own organisation alone would say nothing of the others.
  const endorsingOrganizations = plan.organizations.map(({ mspId }) => mspId)
  try {
    let last: unknown
    for (const start = Date.now(); Date.now() - start < patienceMs; await delay(200)) {
      if (signal?.aborted === true) throw interrupted()
      try {
        await contract.newProposal('Attest', { endorsingOrganizations }).endorse()
        return
      } catch (error) {
        last = error
        if (reasonOf(error).includes('chaincode response')) return
      }
    }
    throw newError(
      'fabric-failed',
      `${peer.name} does not endorse: ${reasonOf(last)}`,
      `See ${layout.node(peer.name).log}.`,
      { cause: last }
    )
  } finally {
    gateway.close()
    client.close()
  }
}
