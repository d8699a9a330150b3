import { sha256 } from '../hash/sha256.ts'
import { toHex, utf8 } from '../json/bytes.ts'
import type { Name } from './reference.ts'

/**
 * What records are looked up by in the public index: `id`; `image`, content key or digest of an image in the file;
 * `source`, content key or manifest of what the image was made from; `reference`, any other record that is named.
 */
export const termTypes = ['id', 'image', 'source', 'reference'] as const

/** A kind of term. */
export type TermType = (typeof termTypes)[number]

/** Something by which a record is found. */
export interface Term {
  readonly type: TermType
  readonly text: string
}

const separator = Uint8Array.of(0)
const prefixes: ReadonlyMap<string, Uint8Array> = new Map(termTypes.map(type => [type, utf8(type)]))

/** The first 8 bytes of SHA-256(term type ‖ 0x00 ‖ term), hex: by it a term stands in packed runs. */
export const termHash = ({ type, text }: Term): string =>
  toHex(sha256(prefixes.get(type) ?? utf8(type), separator, utf8(text)).subarray(0, 8))

/** The terms of a public record with this id and these names, each once, its id first; an instrument is found by another key. */
export const termsOf = (id: string, names: readonly Name[]): readonly Term[] => {
  const terms = new Map<string, Term>([['id', { type: 'id', text: id }]])
  for (const { role, text } of names) if (role !== 'instrument') terms.set(`${role} ${text}`, { type: role, text })
  return [...terms.values()]
}
