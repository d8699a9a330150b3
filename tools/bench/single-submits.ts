import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { Client, credentials } from '@grpc/grpc-js'
import { canonicalText, joinPage, type LedgerRecord } from '@bims/core'
import { identityPath, parseProfile } from '@bims/ledger'
import { connect, hash, signers } from '@hyperledger/fabric-gateway'
import { rightOf } from './right.ts'

// What a user would pick instead: fabric-gateway as its documentation shows it, one record a transaction.
const openStock = async (profilePath: string) => {
  const profile = rightOf(parseProfile(await readFile(profilePath)))
  const name = profile.defaultIdentity ?? ''
  const organization = profile.organizations.find(one => name.startsWith(`${one.name}/`))
  const file = identityPath(profile, name)
  if (organization === undefined || file === undefined) throw new Error('the profile names no default identity')
  const pem = await readFile(join(dirname(profilePath), file), 'utf8')
  const [certificate = ''] = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/) ?? []
  const [key = ''] = pem.match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/) ?? []
  const client = new Client(
    organization.peers[0]?.endpoint ?? '',
    credentials.createSsl(Buffer.from(organization.tlsRoot))
  )
  const gateway = connect({
    client,
    identity: { mspId: organization.mspId, credentials: Buffer.from(certificate) },
    signer: signers.newPrivateKeySigner(createPrivateKey(key)),
    hash: hash.sha256
  })
  return {
    contract: gateway.getNetwork(profile.channel).getContract(profile.chaincode),
    close: () => {
      gateway.close()
      client.close()
    }
  }
}

/** Submits each record in a transaction of its own, so many at a time, with fabric-gateway and its own signer. */
export const submitSingly = async (
  profilePath: string,
  records: readonly LedgerRecord[],
  inFlight: number
): Promise<void> => {
  const { contract, close } = await openStock(profilePath)
  const queue = records.values()
  const lane = async (): Promise<void> => {
    for (const { kind, id, schema, bytes } of queue) {
      await contract.submit('Submit', {
        arguments: [canonicalText({ records: [{ kind, id, schema }] })],
        transientData: { page: deflateSync(joinPage([bytes])) }
      })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  close()
}
