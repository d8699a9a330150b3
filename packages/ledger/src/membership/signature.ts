import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import type { Certificate } from '@bims/core'

// Half the order of P-256, the largest s that Fabric takes.
const halfOrder = Buffer.from('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8', 'hex')

const byteAt = (der: Uint8Array, at: number): number => der[at] ?? 0

// Positive, and without a zero in front that is not needed.
const isMinimal = (der: Uint8Array, at: number, length: number): boolean => {
  const first = byteAt(der, at)
  return first < 128 && (first > 0 || length === 1 || byteAt(der, at + 1) >= 128)
}

const integerEnd = (der: Uint8Array, at: number): number => {
  const length = byteAt(der, at + 1)
  const end = at + 2 + length
  const isInteger = der[at] === 2 && length > 0 && length <= 33 && end <= der.length
  return isInteger && isMinimal(der, at + 2, length) ? end : -1
}

const isLow = (s: Uint8Array): boolean => {
  const value = s[0] === 0 ? s.subarray(1) : s
  return value.length < 32 || Buffer.compare(value, halfOrder) <= 0
}

/** Whether bytes are a signature on P-256 in the one form that is taken: strict DER with the lower s. */
const isLowS = (der: Uint8Array): boolean => {
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
