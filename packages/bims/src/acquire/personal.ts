import { isJsonObject, toJson, withhold, type JsonObject, type JsonValue, type Opening } from '@bims/core'

const unescape = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~')

const replaceAt = (node: JsonValue, path: readonly string[], replace: (value: JsonValue) => JsonValue): JsonValue => {
  const [name, ...rest] = path
  if (name === undefined) return replace(node)
  if (Array.isArray(node))
    return node.map((child: JsonValue, i) => (String(i) === name ? replaceAt(child, rest, replace) : child))
  if (!isJsonObject(node)) return node
  const child = Object.hasOwn(node, name) ? node[name] : undefined
  const object: JsonObject = node
  return child === undefined ? node : { ...object, [name]: replaceAt(child, rest, replace) }
}

/**
 * Withholds the values at JSON pointers, each under its own salt: personal data never stand in what is submitted.
 * Pointers that lead nowhere are passed over.
 */
export const withholdAt = (
  value: JsonValue,
  pointers: readonly string[],
  newSalt: () => Uint8Array
): { readonly value: JsonValue; readonly openings: readonly Opening[] } => {
  const openings: Opening[] = []
  const result = pointers.reduce(
    (node, pointer) =>
      replaceAt(node, pointer.split('/').slice(1).map(unescape), found => {
        const { opening, withheld } = withhold(found, newSalt())
        openings.push(opening)
        return { $withheld: withheld.$withheld }
      }),
    value
  )
  return { value: result, openings }
}

/** A record with the values at JSON pointers withheld, as {@link withholdAt}. */
export const withheldRecord = <A extends object>(
  record: A,
  pointers: readonly string[],
  newSalt: () => Uint8Array
): { readonly record: A; readonly openings: readonly Opening[] } => {
  const { openings, value } = withholdAt(toJson(record), pointers, newSalt)
  // eslint-disable-next-line no-restricted-syntax -- inherent: a type tells no withheld value from what stood in its place
  return { record: value as JsonValue & A, openings }
}
