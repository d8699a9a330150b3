import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { connect, hash } from '@hyperledger/fabric-gateway'
import type { Gateway, Signer } from '@hyperledger/fabric-gateway'
import { identityPath } from '@bims/ledger'
import type { Profile } from '@bims/ledger'
import { readIdentityText } from '../src/ca/identity-file.ts'
import type { Credential } from '../src/ca/authority.ts'
import { toLowS } from '../src/ca/low-s.ts'

/** A connection of the unmodified fabric-gateway client, with what stands below it. */
export interface TestClient {
  readonly gateway: Gateway
  readonly client: Client
  readonly credential: Credential
  readonly mspId: string
  readonly close: () => void
}

export const nativeSigner = (privateKey: string): Signer => {
  const key = createPrivateKey(privateKey)
  return message => Promise.resolve(toLowS(sign('sha256', message, key)))
}

const unlimited = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }

export const credentialOf = (profileFile: string, profile: Profile, identity: string): Credential =>
  readIdentityText(readFileSync(join(dirname(profileFile), identityPath(profile, identity)!), 'utf8'))

/** Connects as `ORG/USER`, to that organisation's peer or the one named; another credential may stand in. */
export const connectAs = (
  network: { readonly profile: Profile; readonly profileFile: string },
  identity: string,
  other: {
    readonly credential?: Credential
    readonly mspId?: string
    readonly peerOf?: string
    /** Which of the organisation's peers; the first where it is not said. */
    readonly peer?: number
    readonly signer?: Signer
  } = {}
): TestClient => {
  const org = network.profile.organizations.find(o => o.name === identity.split('/')[0])!
  const at = network.profile.organizations.find(o => o.name === (other.peerOf ?? org.name))!
  const credential = other.credential ?? credentialOf(network.profileFile, network.profile, identity)
  const mspId = other.mspId ?? org.mspId
  const client = new Client(
    at.peers[other.peer ?? 0]!.endpoint,
    credentials.createSsl(Buffer.from(at.tlsRoot)),
    unlimited
  )
  const gateway = connect({
    client,
    identity: { mspId, credentials: Buffer.from(credential.certificate) },
    signer: other.signer ?? nativeSigner(credential.privateKey),
    hash: hash.none
  })
  return {
    gateway,
    client,
    credential,
    mspId,
    close: () => {
      gateway.close()
      client.close()
    }
  }
}

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
