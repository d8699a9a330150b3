import * as t from 'io-ts'
import { listCodec } from '../json/codec.ts'

/** One column of a plane table: a position (`t`, `c`, `z`), or a setting that changes from plane to plane. */
export interface PlaneColumn {
  /** Axis or setting, e.g. `z`, `detector.exposure.set`, `stage.x.measured`. */
  readonly name: string
  /** UCUM unit of all its numbers. */
  readonly unit?: string
  /** One value a plane; null where there is none. */
  readonly values: readonly (number | string | boolean | null)[]
}

/** What differs from plane to plane, by column; all columns are of one length. */
export interface PlaneTable {
  readonly columns: readonly PlaneColumn[]
}

/** Codec of {@link PlaneTable}. */
export const PlaneTableCodec: t.Type<PlaneTable, unknown, unknown> = t.refinement(
  t.type({
    columns: listCodec(
      t.intersection([
        t.type({
          name: t.string,
          values: listCodec<number | string | boolean | null>(t.union([t.number, t.string, t.boolean, t.null]))
        }),
        t.partial({ unit: t.string })
      ])
    )
  }),
  table => new Set(table.columns.map(column => column.values.length)).size <= 1,
  'plane table (columns of one length)'
)
