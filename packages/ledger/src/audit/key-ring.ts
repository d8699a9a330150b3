import { X509Certificate, type KeyObject } from 'node:crypto'
import { bytesFields } from '../wire/fields.ts'
import type { IdentityHandle } from './finding.ts'

/** An identity as a worker knows it. */
export interface KnownIdentity {
  readonly handle: IdentityHandle
  /** Undefined where there is no certificate with a key on P-256. */
  readonly key: KeyObject | undefined
}

/** The identities that a worker has met, with their keys: a certificate is parsed once, not once a signature. */
export interface KeyRing {
  readonly of: (serialized: Buffer) => KnownIdentity
  /** Identities met since the last call, in the order of their handles. */
  readonly fresh: () => readonly Buffer[]
}

const keyIn = (serialized: Buffer): KeyObject | undefined => {
  const pem = bytesFields(serialized, 2)?.[2]
  if (pem === undefined) return undefined
  try {
    const key = new X509Certificate(pem).publicKey
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}

/** Begins with no identities. */
export const newKeyRing = (): KeyRing => {
  const known = new Map<string, KnownIdentity>()
  let fresh: Buffer[] = []
  return {
    of: serialized => {
      const name = serialized.toString('latin1')
      const found = known.get(name)
      if (found !== undefined) return found
      const identity = { handle: known.size, key: keyIn(serialized) }
      known.set(name, identity)
      fresh.push(Buffer.from(serialized))
      return identity
    },
    fresh: () => {
      const met = fresh
      fresh = []
      return met
    }
  }
}
