const zero = '\u0000'

/** A composite key of Fabric: U+0000, the object type, U+0000, then each attribute followed by U+0000. */
export const compositeKey = (type: string, ...attributes: readonly string[]): string =>
  `${zero}${[type, ...attributes].map(part => `${part}${zero}`).join('')}`

/** Takes a composite key apart: object type, then attributes; undefined where it is none. */
export const parseCompositeKey = (key: string): readonly string[] | undefined =>
  key.length > 2 && key.startsWith(zero) && key.endsWith(zero) ? key.slice(1, -1).split(zero) : undefined
