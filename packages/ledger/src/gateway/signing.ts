import { toBase64, type Signer } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'

/** A certificate as Fabric carries it. */
export const pemOf = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${toBase64(der).replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`

/**
 * A signer in the form of fabric-gateway. It takes messages, so that nothing is hashed before it: node:crypto hashes and signs in one
 * call. Rejects with the signer's own error, which `gatewayError` passes on as it is.
 */
export const fabricSigner =
  (signer: Signer) =>
  async (message: Uint8Array): Promise<Uint8Array> => {
    const signature = await signer.sign(message)()
    if (E.isLeft(signature)) throw signature.left
    return signature.right
  }
