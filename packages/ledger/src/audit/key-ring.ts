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

interface Entry {
  readonly serialized: Buffer
  readonly identity: KnownIdentity
}

// The signature at the end of a certificate tells identities apart; whether it is the same one is then compared in full.
const fingerprint = (serialized: Buffer): string =>
  serialized.toString('latin1', Math.max(0, serialized.length - 64), Math.max(0, serialized.length - 32))

// Neighbouring transactions have the same few signers: these are found without their fingerprint.
const mostRecent = 4

/** Begins with no identities. */
export const newKeyRing = (): KeyRing => {
  const known = new Map<string, Entry[]>()
  const recent: Entry[] = []
  let count = 0
  let fresh: Buffer[] = []
  const remember = (entry: Entry): KnownIdentity => {
    if (recent.unshift(entry) > mostRecent) recent.pop()
    return entry.identity
  }
  return {
    of: serialized => {
      for (const entry of recent) if (entry.serialized.equals(serialized)) return entry.identity
      const name = fingerprint(serialized)
      const entries = known.get(name) ?? []
      const found = entries.find(entry => entry.serialized.equals(serialized))
      if (found !== undefined) return remember(found)
      const identity = { handle: count++, key: keyIn(serialized) }
      const copy = Buffer.from(serialized)
      const entry = { serialized: copy, identity }
      known.set(name, [...entries, entry])
      fresh.push(copy)
      return remember(entry)
    },
    fresh: () => {
      const met = fresh
      fresh = []
      return met
    }
  }
}
