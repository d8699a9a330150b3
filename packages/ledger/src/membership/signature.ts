import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import type { Certificate } from '@bims/core'

// Half the order of P-256, the largest s that Fabric takes.
const halfOrder = Buffer.from('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8', 'hex')

const integerEnd = (der: Uint8Array, at: number): number => {
  const length = der[at + 1] ?? 0
  const first = der[at + 2] ?? 0
  const second = der[at + 3] ?? 0
  if (der[at] !== 2 || length === 0 || length > 33 || at + 2 + length > der.length || first >= 128) return -1
  return first === 0 && length > 1 && second < 128 ? -1 : at + 2 + length
}

const isLow = (s: Uint8Array): boolean => {
  const value = s[0] === 0 ? s.subarray(1) : s
  return value.length < 32 || Buffer.compare(value, halfOrder) <= 0
}

/** Whether bytes are a signature on P-256 in the one form that is taken: strict DER with the lower s. */
export const isLowS = (der: Uint8Array): boolean => {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return false
  const r = integerEnd(der, 2)
  const s = r < 0 ? -1 : integerEnd(der, r)
  return s === der.length && isLow(der.subarray(r + 2, s))
}

/** The key of a certificate where it is one on P-256. */
export const keyOf = (certificate: Pick<Certificate, 'publicKey'>): KeyObject | undefined => {
  try {
    const key = createPublicKey({ key: Buffer.from(certificate.publicKey.rawData), format: 'der', type: 'spki' })
    return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}

/** Whether a signature is over the data: ECDSA on P-256 with SHA-256, strict DER, low-S. */
export const isSignedBy = (key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean => {
  if (!isLowS(signature)) return false
  try {
    return verify('sha256', data, key, signature)
  } catch {
    return false
  }
}
