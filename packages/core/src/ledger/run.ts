import { fromHex, toHex, writeHex } from '../json/bytes.ts'

/**
 * The index is a radix tree that grows downward: level 0 has 16 buckets, each level 16 times as many. The last level
 * merges into itself.
 */
export const runLevels = 5

/** One occurrence of a term: the record in this place of this transaction's page may hold it; the record decides. */
export interface Posting {
  /** Of the term, 16 hex digits. */
  readonly hash: string
  readonly transaction: string
  readonly at: number
}

/** The bucket of a term's hash at a level: its first `level + 1` hex digits. */
export const bucketOf = (hash: string, level: number): string => hash.slice(0, level + 1)

const order = (a: Posting, b: Posting): number => {
  if (a.hash !== b.hash) return a.hash < b.hash ? -1 : 1
  if (a.transaction !== b.transaction) return a.transaction < b.transaction ? -1 : 1
  return a.at - b.at
}

/** Longest varint of a number that a double holds exactly. */
const longestVarint = 8

/** Writes on into bytes that have room for all. */
class Pen {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(room: number) {
    this.#bytes = new Uint8Array(room)
  }

  get written(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  hex(text: string): void {
    writeHex(text, this.#bytes, this.#at)
    this.#at += text.length / 2
  }

  varint(n: number): void {
    let rest = n
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#at++] = rest
  }
}

/**
 * Postings as one value: varint of the number of transactions, their ids (32 bytes each, sorted); varint of the number
 * of postings; each as hash (8 bytes), varint of the transaction's place in that list, varint of the place in its page;
 * sorted, each once. Varints are unsigned LEB128. One set of postings has one form.
 */
export const packRun = (postings: readonly Posting[]): Uint8Array => {
  const transactions = [...new Set(postings.map(({ transaction }) => transaction))].sort()
  const places = new Map(transactions.map((transaction, i) => [transaction, i]))
  const sorted = [...postings].sort(order).filter((posting, i, all) => {
    const before = all[i - 1]
    return before === undefined || order(before, posting) !== 0
  })
  const pen = new Pen(2 * longestVarint + 32 * transactions.length + (8 + 2 * longestVarint) * sorted.length)
  pen.varint(transactions.length)
  for (const transaction of transactions) pen.hex(transaction)
  pen.varint(sorted.length)
  for (const { hash, transaction, at } of sorted) {
    pen.hex(hash)
    pen.varint(places.get(transaction) ?? 0)
    pen.varint(at)
  }
  return pen.written
}

/** Reads on in bytes; what lies behind their end reads as undefined. */
class Cursor {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  take(length: number): Uint8Array | undefined {
    const part = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return part.length === length ? part : undefined
  }

  varint(): number | undefined {
    let value = 0
    for (let factor = 1; factor <= 2 ** 49; factor *= 0x80) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : undefined
    }
    return undefined
  }
}

const readTransactions = (cursor: Cursor): readonly string[] | undefined => {
  const count = cursor.varint() ?? -1
  const transactions: string[] = []
  for (let i = 0; i < count; i++) {
    const id = cursor.take(32)
    if (id === undefined) return undefined
    transactions.push(toHex(id))
  }
  return count < 0 ? undefined : transactions
}

const readPosting = (
  cursor: Cursor,
  transactions: readonly string[]
): { readonly found: Uint8Array; readonly transaction: string; readonly at: number } | undefined => {
  const found = cursor.take(8)
  const transaction = transactions[cursor.varint() ?? -1]
  const at = cursor.varint()
  return found === undefined || transaction === undefined || at === undefined ? undefined : { found, transaction, at }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i])

/**
 * The postings of a packed run, or those of one hash; undefined where the bytes are no run. Only what is asked for
 * becomes postings: a lookup goes through many of others.
 */
export const unpackRun = (bytes: Uint8Array, hash?: string): readonly Posting[] | undefined => {
  const cursor = new Cursor(bytes)
  const transactions = readTransactions(cursor)
  const count = cursor.varint()
  if (transactions === undefined || count === undefined) return undefined
  const wanted = hash === undefined ? undefined : fromHex(hash)
  const postings: Posting[] = []
  for (let i = 0; i < count; i++) {
    const posting = readPosting(cursor, transactions)
    if (posting === undefined) return undefined
    const { found, transaction, at } = posting
    if (wanted === undefined || isSame(wanted, found)) postings.push({ hash: hash ?? toHex(found), transaction, at })
  }
  return cursor.isAtEnd ? postings : undefined
}
