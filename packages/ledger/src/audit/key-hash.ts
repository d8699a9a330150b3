import { hash } from 'node:crypto'

// 16 bytes tell keys apart; who could make two keys with the same could forge SHA-256 at half its strength.
const hashBytes = 16
const separator = Buffer.of(0)

const tagged = (prefix: Buffer, key: Buffer): string =>
  hash('sha256', Buffer.concat([prefix, key]), 'buffer').toString('latin1', 0, hashBytes)

/** Makes the hashes by which keys are told apart, of one namespace or of a private collection in it. */
export const keyHasher = (namespace: string, collection?: string): ((key: Buffer) => string) => {
  const parts =
    collection === undefined
      ? [Buffer.from(`P${namespace}`), separator]
      : [Buffer.from(`H${namespace}`), separator, Buffer.from(collection), separator]
  const prefix = Buffer.concat(parts)
  return key => tagged(prefix, key)
}

/** The hashes of a text of several one after another. */
export const keyHashes = (text = ''): readonly string[] => {
  const hashes: string[] = []
  for (let at = 0; at < text.length; at += hashBytes) hashes.push(text.slice(at, at + hashBytes))
  return hashes
}
