import { hash } from 'node:crypto'

// 16 bytes tell keys apart; who could make two keys with the same could forge SHA-256 at half its strength.
const hashBytes = 16

/** Makes the hashes by which keys are told apart, of one namespace or of a private collection in it: binary text. */
export const keyHasher = (namespace: string, collection?: string): ((key: Buffer) => string) => {
  const prefix = collection === undefined ? `P${namespace}\0` : `H${namespace}\0${collection}\0`
  return key => hash('sha256', prefix + key.toString('latin1'), 'binary').slice(0, hashBytes)
}

/** The hashes of a text of several one after another. */
export const keyHashes = (text = ''): readonly string[] => {
  const hashes: string[] = []
  for (let at = 0; at < text.length; at += hashBytes) hashes.push(text.slice(at, at + hashBytes))
  return hashes
}
