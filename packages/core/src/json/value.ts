/** A value of the JSON data model as BIMS records hold it; numbers are finite. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

/** An object of {@link JsonValue}s. Members that are undefined count as absent. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined
}

/** Tells whether a JSON value is an object. */
export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Tells whether a JSON value is an array. */
export const isJsonArray = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value)

/**
 * A record of interfaces and arrays as a JSON value. TypeScript gives interfaces no index signature, so that the
 * compiler cannot see that they are JSON; a record's codec guarantees it.
 */
// eslint-disable-next-line no-restricted-syntax -- inherent: interfaces have no index signature
export const toJson = (record: object): JsonValue => record as JsonValue
