const newline = 0x0a

/** Name of the entry of the transient map that holds the compressed page (zlib, RFC 1950). */
export const pageEntry = 'page'

/**
 * The contents of a transaction one after another, each ended by a line feed, which canonical JSON never holds.
 * Clients compress it (zlib); the chaincode keeps those very bytes, so that endorsers with different compressors agree.
 */
export const joinPage = (contents: readonly Uint8Array[]): Uint8Array => {
  const page = new Uint8Array(contents.reduce((sum, { length }) => sum + length + 1, 0))
  let at = 0
  for (const content of contents) {
    page.set(content, at)
    at += content.length + 1
    page[at - 1] = newline
  }
  return page
}

/** The contents of a page, or undefined where it does not end with a line feed. */
export const splitPage = (page: Uint8Array): readonly Uint8Array[] | undefined => {
  if (page.length === 0 || page.at(-1) !== newline) return undefined
  const contents: Uint8Array[] = []
  for (let from = 0; from < page.length;) {
    const to = page.indexOf(newline, from)
    contents.push(page.subarray(from, to))
    from = to + 1
  }
  return contents
}
