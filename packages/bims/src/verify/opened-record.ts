import { openValues, toJson, type Opening } from '@bims/core'

/** A record or a part of one with its withheld values opened, as far as openings are there. */
export const openedRecord = <A extends object>(record: A, openings: readonly Opening[]): A =>
  // eslint-disable-next-line no-restricted-syntax -- inherent: a type tells no withheld value from what stood in its place
  openValues(toJson(record), openings) as ReturnType<typeof toJson> & A
