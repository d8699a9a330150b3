/** Where in the chain something was written: the version of a key. */
export interface Height {
  readonly block: number
  readonly tx: number
}

/** Tells whether two versions are the same; undefined is the version of what does not exist. */
export const sameHeight = (a: Height | undefined, b: Height | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.block === b.block && a.tx === b.tx
