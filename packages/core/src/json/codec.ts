import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { newError, type BimsError, type BimsErrorCode, type Issue } from '../errors.ts'
import type { JsonValue } from './value.ts'

const refined = (name: string, accepts: (text: string) => boolean): t.Type<string, string, unknown> =>
  new t.Type<string, string, unknown>(
    name,
    (u): u is string => typeof u === 'string' && accepts(u),
    (u, context) => (typeof u === 'string' && accepts(u) ? t.success(u) : t.failure(u, context)),
    text => text
  )

/** `sha256:` and 64 lower-case hex digits: ids, attachment digests. */
export const Sha256IdCodec: t.Type<string, string, unknown> = refined('sha256:<64 hex digits>', text =>
  /^sha256:[0-9a-f]{64}$/.test(text)
)

/** 64 lower-case hex digits. */
export const HexHashCodec: t.Type<string, string, unknown> = refined('64 hex digits', text =>
  /^[0-9a-f]{64}$/.test(text)
)

/** `bims-pixels-1:` or `bims-coded-1:` and 64 hex digits. */
export const ImageDigestCodec: t.Type<string, string, unknown> = refined('bims-pixels-1 or bims-coded-1 digest', text =>
  /^bims-(?:pixels|coded)-1:[0-9a-f]{64}$/.test(text)
)

/** Padded base64. */
export const Base64Codec: t.Type<string, string, unknown> = refined(
  'base64',
  text => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
)

const dateTime =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** 16 bytes in padded base64: the salts of withheld values, attachments and steps. */
export const SaltCodec: t.Type<string, string, unknown> = refined('16 bytes in base64', text =>
  /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(text)
)

/** A date and time of RFC 3339. */
export const DateTimeCodec: t.Type<string, string, unknown> = refined('RFC 3339 date and time', text =>
  dateTime.test(text)
)

/** An integer of 0 or more that a double holds exactly. */
export const CountCodec: t.Type<number, number, unknown> = new t.Type<number, number, unknown>(
  'integer >= 0',
  (u): u is number => Number.isSafeInteger(u) && Number(u) >= 0,
  (u, context) => (Number.isSafeInteger(u) && Number(u) >= 0 ? t.success(Number(u)) : t.failure(u, context)),
  n => n
)

/** Any JSON value; the value domain was checked when it was parsed. */
export const JsonValueCodec: t.Type<JsonValue, JsonValue, unknown> = new t.Type<JsonValue, JsonValue, unknown>(
  'JSON value',
  (u): u is JsonValue => u !== undefined,
  (u, context) => (u === undefined ? t.failure(u, context) : t.success(u as JsonValue)),
  value => value
)

/** Most places that one error tells. */
const mostIssues = 100

/**
 * A list whose decoding stops after the first hundred problems: a hostile list of millions of wrong items must not
 * make millions of errors.
 */
export const listCodec = <A>(
  item: t.Type<A, unknown, unknown>,
  name = `list of ${item.name}`
): t.Type<readonly A[], unknown, unknown> =>
  new t.Type<readonly A[], unknown, unknown>(
    name,
    (u): u is readonly A[] => Array.isArray(u) && u.every(item.is),
    (u, context) => {
      if (!Array.isArray(u)) return t.failure(u, context)
      const items: A[] = []
      const errors: t.ValidationError[] = []
      for (let i = 0; i < u.length && errors.length < mostIssues; i++) {
        const result = item.validate(u[i], t.appendContext(context, String(i), item, u[i]))
        if (E.isLeft(result)) errors.push(...result.left.slice(0, mostIssues))
        else items.push(result.right)
      }
      if (errors.length > 0) return t.failures(errors)
      // The list itself where nothing was exchanged, so that what holds it is not copied either.
      return t.success(items.every((item, i) => item === u[i]) ? (u as readonly A[]) : items)
    },
    items => items
  )

/** Whether the members of a type's context are alternatives or parts of one value, not places in it. */
const isComposition = (type: t.Decoder<never, unknown> | undefined): boolean =>
  type !== undefined && '_tag' in type && (type._tag === 'IntersectionType' || type._tag === 'UnionType')

/** JSON pointer of a place. */
const pointerOf = (context: t.Context): string => {
  const keys = context.flatMap(({ key }, i) => (i === 0 || isComposition(context[i - 1]?.type) ? [] : [key]))
  return `/${keys.map(key => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
}

/** A few words for a value of any size and kind. */
const shown = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null)
    return `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'no members'}`.slice(0, 100)
  if (value === undefined) return 'nothing'
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : `a ${typeof value}`
}

const issuesOf = (errors: t.Errors): readonly Issue[] => {
  const seen = new Map<string, Issue>()
  for (const { context, message, value } of errors) {
    const at = pointerOf(context)
    if (seen.size < mostIssues && !seen.has(at))
      seen.set(at, {
        at,
        what:
          message ?? `expected ${(context.at(-1)?.type.name ?? 'another form').slice(0, 100)}, found ${shown(value)}`
      })
  }
  return [...seen.values()]
}

/**
 * Decodes a value; all places that are wrong (the first hundred) become `issues` of one error.
 * It is the value itself that comes back, with members that the codec does not know: the codecs of records only check,
 * and what was received is what ids are over.
 */
export const decodeWith =
  <A>(codec: t.Type<A, unknown, unknown>, what: string, code: BimsErrorCode = 'record-schema') =>
  (value: unknown): E.Either<BimsError, A> => {
    const decoded = codec.decode(value)
    if (E.isRight(decoded)) return E.right(value as A)
    const issues = issuesOf(decoded.left)
    return E.left(
      newError(
        code,
        `This is not ${what}: ${issues[0]?.what} at ${issues[0]?.at}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''}.`,
        'Compare it with its JSON Schema under docs/spec.',
        { issues }
      )
    )
  }
