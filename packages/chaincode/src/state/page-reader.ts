import { newError, pageKey, readLedgerRecord, type BimsError, type ReadLedgerRecord } from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { LedgerState } from './ledger-state.ts'
import { openPage } from './page.ts'
import { damaged } from './stored.ts'

/** A record as it stands in a page. */
export interface PagedRecord extends ReadLedgerRecord {
  readonly bytes: Uint8Array
}

/** Reads records out of pages, each page once, as long as there is room: an answer is made from so many bytes at most. */
export class PageReader {
  readonly #state: LedgerState
  readonly #most: number
  readonly #pages = new Map<string, readonly Uint8Array[]>()
  #used = 0

  constructor(state: LedgerState, most: number) {
    this.#state = state
    this.#most = most
  }

  /** The contents of a transaction's page; undefined where there is no more room. The first page is always opened. Fails with `unexpected`. */
  async page(transaction: string): Promise<E.Either<BimsError, readonly Uint8Array[] | undefined>> {
    const known = this.#pages.get(transaction)
    if (known !== undefined) return E.right(known)
    if (this.#used >= this.#most) return E.right(undefined)
    const compressed = await this.#state.get(pageKey(transaction))()
    if (E.isLeft(compressed)) return compressed
    if (compressed.right === undefined) return E.left(damaged(`The page of transaction ${transaction} is missing.`))
    const contents = openPage(compressed.right)
    if (E.isRight(contents)) {
      this.#pages.set(transaction, contents.right)
      this.#used += contents.right.reduce((sum, { length }) => sum + length + 1, 0)
    }
    return contents
  }

  /** The bytes in a place of a transaction's page; undefined where there is no more room. Fails with `unexpected`. */
  async bytes(transaction: string, at: number): Promise<E.Either<BimsError, Uint8Array | undefined>> {
    const page = await this.page(transaction)
    if (E.isLeft(page)) return page
    if (page.right === undefined) return E.right(undefined)
    const bytes = page.right[at]
    return bytes === undefined
      ? E.left(damaged(`The page of transaction ${transaction} holds no record ${at}.`))
      : E.right(bytes)
  }

  /** The record in a place of a transaction's page; undefined where there is no more room. Fails with `unexpected`. */
  async record(transaction: string, at: number): Promise<E.Either<BimsError, PagedRecord | undefined>> {
    const bytes = await this.bytes(transaction, at)
    if (E.isLeft(bytes)) return bytes
    const found = bytes.right
    return found === undefined
      ? E.right(undefined)
      : E.mapLeft(({ what }: BimsError) =>
          newError(
            'unexpected',
            `Record ${at} of transaction ${transaction} cannot be read: ${what}`,
            'Please report it.'
          )
        )(E.map((read: ReadLedgerRecord) => ({ ...read, bytes: found }))(readLedgerRecord(found)))
  }
}
