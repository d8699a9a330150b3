import { createPrivateKey, createSign } from 'node:crypto'
import { msp } from '@hyperledger/fabric-protos'
import type { Credential } from '../ca/authority.ts'
import { toLowS } from '../ca/low-s.ts'
import type { Parts } from '../protobuf/messages.ts'

/** A peer's or an orderer's identity with its key. */
export interface Signer {
  readonly mspId: string
  /** The serialized identity, as it stands in endorsements and block signatures. */
  readonly identity: Uint8Array
  /** Signs parts put together, with P-256 and SHA-256: DER, low-S. */
  readonly sign: (...parts: Parts) => Uint8Array
}

/** Serializes an identity as Fabric does. */
const serializeIdentity = (mspId: string, certificate: string): Uint8Array => {
  const identity = new msp.SerializedIdentity()
  identity.setMspid(mspId)
  identity.setIdBytes(Buffer.from(certificate))
  return identity.serializeBinary()
}

/** Makes a signer of a credential. */
export const newSigner = (mspId: string, credential: Credential): Signer => {
  const key = createPrivateKey(credential.privateKey)
  return {
    mspId,
    identity: serializeIdentity(mspId, credential.certificate),
    sign: (...parts) => {
      const signing = createSign('sha256')
      for (const part of parts) signing.update(part)
      return toLowS(signing.sign(key))
    }
  }
}
