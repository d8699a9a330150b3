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
export const Sha256IdCodec: t.Type<string, string, unknown> = refined('sha256:<64 hex digits>', text => /^sha256:[0-9a-f]{64}$/.test(text))

/** 64 lower-case hex digits. */
export const HexHashCodec: t.Type<string, string, unknown> = refined('64 hex digits', text => /^[0-9a-f]{64}$/.test(text))

/** `bims-pixels-1:` or `bims-coded-1:` and 64 hex digits. */
export const ImageDigestCodec: t.Type<string, string, unknown> = refined('bims-pixels-1 or bims-coded-1 digest', text =>
  /^bims-(?:pixels|coded)-1:[0-9a-f]{64}$/.test(text)
)

/** Padded base64. */
export const Base64Codec: t.Type<string, string, unknown> = refined('base64', text => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text))

/** A date and time of RFC 3339. */
export const DateTimeCodec: t.Type<string, string, unknown> = refined('RFC 3339 date and time', text =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/.test(text)
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

const pathOf = (context: t.Context): string => `/${context.slice(1).map(entry => entry.key).filter(key => key !== '').join('/')}`

const issuesOf = (errors: t.Errors): readonly Issue[] => {
  const seen = new Map<string, Issue>()
  for (const { context, value } of errors) {
    const at = pathOf(context)
    const shown = JSON.stringify(value)?.slice(0, 60) ?? 'nothing'
    if (seen.size < 100 && !seen.has(at)) seen.set(at, { at, what: `expected ${context.at(-1)?.type.name ?? 'another form'}, found ${shown}` })
  }
  return [...seen.values()]
}

/**
 * Decodes a value; all places that are wrong (the first hundred) become `issues` of one error.
 * Members that the codec does not know are kept.
 */
export const decodeWith =
  <A>(codec: t.Type<A, unknown, unknown>, what: string, code: BimsErrorCode = 'record-schema') =>
  (value: unknown): E.Either<BimsError, A> =>
    E.mapLeft((errors: t.Errors) => {
      const issues = issuesOf(errors)
      return newError(
        code,
        `This is not ${what}: ${issues[0]?.what} at ${issues[0]?.at}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''}.`,
        'Compare it with its JSON Schema under docs/spec.',
        { issues }
      )
    })(codec.decode(value))
