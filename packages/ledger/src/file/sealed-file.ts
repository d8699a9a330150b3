import { concatBytes, sha256, toHex, utf8 } from '@bims/core'

const head = (schema: string, body: Uint8Array): string => `${schema} ${toHex(sha256(body))} ${body.length}\n`

/** Bytes of a file with its checksum: a line `<schema> <SHA-256 of the body, hex> <length>`, then the body. */
export const seal = (schema: string, body: Uint8Array): Uint8Array => concatBytes(utf8(head(schema, body)), body)

/** The body of a file that {@link seal} made, or undefined where one byte of it is not as it was. */
export const unseal = (schema: string, bytes: Uint8Array): Uint8Array | undefined => {
  const end = bytes.subarray(0, 200).indexOf(0x0a)
  if (end < 0) return undefined
  const body = bytes.subarray(end + 1)
  const line = new TextDecoder().decode(bytes.subarray(0, end + 1))
  return line === head(schema, body) ? body : undefined
}
