import { newError, type BimsError, type Signer } from '@bims/core'
import { signers, type HSMSigner, type HSMSignerOptions } from '@hyperledger/fabric-gateway'
import * as E from 'fp-ts/lib/Either.js'
import { externalSigner } from './external-signer.ts'

/** Which key of which security module signs (PKCS#11). */
export interface HsmOptions {
  /** Path of the module's PKCS#11 library. */
  readonly library: string
  /** Label of its token. */
  readonly label: string
  readonly pin: string
  /** CKA_ID of the private key. */
  readonly identifier: string | Uint8Array
  /** DER of the certificate that belongs to the key, then those that issued it, without the root. */
  readonly certificates: readonly Uint8Array[]
}

/** An identity whose key never leaves a security module. */
export interface HsmIdentity extends Signer {
  /** Ends the session with the module. */
  readonly close: () => void
}

const unavailable = (what: string, cause: unknown): BimsError =>
  newError(
    'identity-missing',
    `${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Install the npm package pkcs11js with its native part, and check library, label, pin and identifier.',
    { cause }
  )

// A session of PKCS#11 signs one thing at a time.
const inTurn = (sign: HSMSigner['signer']): HSMSigner['signer'] => {
  let last: Promise<unknown> = Promise.resolve()
  return digest => {
    const next = last.then(() => sign(digest))
    last = next.catch(() => undefined)
    return next
  }
}

const open = ({ library, label, pin, identifier }: HsmOptions): HSMSigner & { readonly dispose: () => void } => {
  const factory = signers.newHSMSignerFactory(library)
  const options: HSMSignerOptions = {
    label,
    pin,
    identifier: typeof identifier === 'string' ? identifier : Buffer.from(identifier)
  }
  try {
    return { ...factory.newSigner(options), dispose: () => factory.dispose() }
  } catch (cause) {
    factory.dispose()
    throw cause
  }
}

/**
 * Opens an identity whose key is in a security module, through fabric-gateway's signer for PKCS#11. The optional package pkcs11js is
 * loaded here and nowhere else. Fails with `identity-missing` where it, the module or the key is not there, `identity-malformed` where
 * the certificate cannot be read.
 */
export const openHsmSigner = (options: HsmOptions): E.Either<BimsError, HsmIdentity> => {
  let opened: ReturnType<typeof open>
  try {
    opened = open(options)
  } catch (cause) {
    return E.left(unavailable('The security module cannot be used', cause))
  }
  const sign = inTurn(opened.signer)
  const close = (): void => {
    opened.close()
    opened.dispose()
  }
  const signer = externalSigner(options.certificates, ({ digest }) => sign(digest))
  if (E.isLeft(signer)) close()
  return E.map((made: Signer): HsmIdentity => ({ ...made, close }))(signer)
}
