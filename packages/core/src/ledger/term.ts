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

/** Where the 64 hex digits begin that every term ends with. */
const digits = -64

/**
 * The hash by which a term stands in packed runs, 16 hex digits: the first 8 bytes of the hash that the term itself is (its last 64 hex
 * digits), the eighth XOR the number of the term's type (id 0, image 1, source 2, reference 3). To hash a hash once more would cost a third
 * of a submission and spread no better.
 */
export const termHash = ({ type, text }: Term): string => {
  const own = text.slice(digits)
  const eighth = Number.parseInt(own.slice(14, 16), 16) ^ termTypes.indexOf(type)
  return own.slice(0, 14) + eighth.toString(16).padStart(2, '0')
}

/** The terms of a public record with this id and these names, each once, its id first; an instrument is found by another key. */
export const termsOf = (id: string, names: readonly Name[]): readonly Term[] => {
  const terms: Term[] = [{ type: 'id', text: id }]
  const seen = { image: new Set<string>(), source: new Set<string>(), reference: new Set<string>() }
  for (const { role, text } of names) {
    if (role === 'instrument' || seen[role].has(text)) continue
    seen[role].add(text)
    terms.push({ type: role, text })
  }
  return terms
}
