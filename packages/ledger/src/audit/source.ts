/** What a chain is read as: blocks in order, and what could not be read. */
export type ChainPiece =
  /** A serialized `common.Block`. */
  | { readonly _tag: 'Block'; readonly bytes: Uint8Array }
  /** Stored bytes that are not as they were written; `number` is the block that should stand there. */
  | { readonly _tag: 'Damaged'; readonly number: number; readonly what: string }
  /** The end of the last file holds a block that was never finished; nothing was acknowledged of it. */
  | { readonly _tag: 'Unfinished'; readonly number: number; readonly what: string }

/** A chain to be audited. Rejects with a `BimsError` where it cannot be read on. */
export type ChainSource = AsyncIterable<ChainPiece>
