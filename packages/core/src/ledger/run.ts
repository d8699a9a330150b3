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

/** Hex digits of a hash that a double holds exactly. */
const exactDigits = 13

// By the first digits as a number: most of what a submission costs here is to compare, and numbers compare faster than texts.
const sorted = (postings: readonly Posting[]): readonly Posting[] =>
  postings
    .map(posting => ({ posting, begin: parseInt(posting.hash.slice(0, exactDigits), 16) }))
    .sort((a, b) => a.begin - b.begin || order(a.posting, b.posting))
    .map(({ posting }) => posting)
    .filter((posting, i, all) => {
      const before = all[i - 1]
      return before === undefined || order(before, posting) !== 0
    })

/** Bytes of a transaction's id. */
const idBytes = 32

/** Bytes of a term's hash. */
const hashBytes = 8

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
  const inOrder = sorted(postings)
  const pen = new Pen(
    2 * longestVarint + idBytes * transactions.length + (hashBytes + 2 * longestVarint) * inOrder.length
  )
  pen.varint(transactions.length)
  for (const transaction of transactions) pen.hex(transaction)
  pen.varint(inOrder.length)
  for (const { hash, transaction, at } of inOrder) {
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

  /** Goes on by so many bytes and says where they begin. */
  advance(length: number): number {
    const from = this.#at
    this.#at += length
    return from
  }

  /** Whether these bytes stand there. */
  holds(wanted: Uint8Array, from: number): boolean {
    for (let i = 0; i < wanted.length; i++) if (this.#bytes[from + i] !== wanted[i]) return false
    return true
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

/** The ids of a run's transactions, one after another; each becomes a text only when a posting of it is asked for. */
class Transactions {
  readonly #ids: Uint8Array
  readonly #texts = new Map<number, string>()

  constructor(ids: Uint8Array) {
    this.#ids = ids
  }

  has(place: number): boolean {
    return place < this.#ids.length / idBytes
  }

  id(place: number): string {
    const known = this.#texts.get(place)
    if (known !== undefined) return known
    const text = toHex(this.#ids.subarray(place * idBytes, (place + 1) * idBytes))
    this.#texts.set(place, text)
    return text
  }
}

const readTransactions = (cursor: Cursor): Transactions | undefined => {
  const count = cursor.varint()
  const ids = count === undefined ? undefined : cursor.take(count * idBytes)
  return ids === undefined ? undefined : new Transactions(ids)
}

interface PackedPosting {
  /** Where its hash begins. */
  readonly from: number
  /** Of its transaction in the run's list. */
  readonly place: number
  readonly at: number
}

const readPosting = (cursor: Cursor, transactions: Transactions): PackedPosting | undefined => {
  const from = cursor.advance(hashBytes)
  const place = cursor.varint()
  const at = cursor.varint()
  return place === undefined || at === undefined || !transactions.has(place) ? undefined : { from, place, at }
}

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
    const { at, from, place } = posting
    if (wanted !== undefined && !cursor.holds(wanted, from)) continue
    const found = hash ?? toHex(bytes.subarray(from, from + hashBytes))
    postings.push({ hash: found, transaction: transactions.id(place), at })
  }
  return cursor.isAtEnd ? postings : undefined
}
