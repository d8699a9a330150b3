import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { newError, type BimsError } from '../errors.ts'
import { sha256 } from '../hash/sha256.ts'
import { fromBase64, toBase64, toHex } from './bytes.ts'
import { canonicalBytes } from './canonical.ts'
import { isJsonObject, type JsonValue } from './value.ts'

const withheldPrefix = Uint8Array.of(2)

/** A value of which only a salted hash is told. */
export interface Withheld {
  /** `sha256:` and the hex of SHA-256(0x02 ‖ salt ‖ canonical value). */
  readonly $withheld: string
}

/** What opens a withheld value again. */
export interface Opening {
  /** The text of `$withheld` that this opens. */
  readonly withheld: string
  /** 16 random bytes, base64. */
  readonly salt: string
  readonly value: JsonValue
}

const hashOf = (salt: Uint8Array, value: JsonValue): string =>
  `sha256:${toHex(sha256(withheldPrefix, salt, canonicalBytes(value)))}`

/** Withholds a value under a salt of 16 random bytes. */
export const withhold = (
  value: JsonValue,
  salt: Uint8Array
): { readonly withheld: { readonly $withheld: string }; readonly opening: Opening } => {
  const hash = hashOf(salt, value)
  return { withheld: { $withheld: hash }, opening: { withheld: hash, salt: toBase64(salt), value } }
}

/** Tells whether a value is withheld. */
export const isWithheld = (value: unknown): value is Withheld =>
  typeof value === 'object' && value !== null && '$withheld' in value && typeof value.$withheld === 'string'

/** Checks an opening against its own hash. Fails with `withheld-opening`. */
export const checkOpening = (opening: Opening): E.Either<BimsError, Opening> => {
  const salt = fromBase64(opening.salt)
  return salt !== undefined && salt.length === 16 && hashOf(salt, opening.value) === opening.withheld
    ? E.right(opening)
    : E.left(
        newError(
          'withheld-opening',
          `The opening of ${opening.withheld} does not match it.`,
          'Ask the owner of the value for the right opening.'
        )
      )
}

/**
 * Puts opened values in the place of the withheld ones, also where one stands inside another; those without an
 * opening that matches stay.
 */
export const openValues = (value: JsonValue, openings: readonly Opening[]): JsonValue => {
  const known = new Map(
    openings.filter(opening => E.isRight(checkOpening(opening))).map(opening => [opening.withheld, opening.value])
  )
  const visit = (node: JsonValue): JsonValue => {
    if (Array.isArray(node)) return node.map(visit)
    if (!isJsonObject(node)) return node
    if (isWithheld(node)) {
      const opened = known.get(node.$withheld)
      return opened === undefined ? node : visit(opened)
    }
    return Object.fromEntries(
      Object.entries(node).flatMap(([name, child]) => (child === undefined ? [] : [[name, visit(child)]]))
    )
  }
  return visit(value)
}

/** Codec of {@link Withheld}. */
export const WithheldCodec: t.Type<Withheld, unknown, unknown> = new t.Type<Withheld, unknown, unknown>(
  'withheld value',
  isWithheld,
  (u, context) => (isWithheld(u) ? t.success(u) : t.failure(u, context)),
  withheld => withheld
)
