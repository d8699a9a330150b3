import type { PlaneColumn, PlaneTable } from '@bims/core'
import type { Sources } from './sources.ts'

/** A value of a plane with the ordinals it comes from. */
export interface PlaneIndex {
  readonly value: number
  readonly ordinals: readonly number[]
}

/** A cell of a plane table. */
type PlaneValue = number | string | boolean

/** A plane table while it is made. */
export interface PlaneDraft {
  /** The row at a position (`{t, c, z}`); the same position gives the same row. */
  readonly row: (position: Readonly<Record<string, PlaneIndex>>) => number
  /** Puts a value; false where the cell holds another value already, or the column another unit. */
  readonly cell: (
    row: number,
    name: string,
    value: PlaneValue,
    unit: string | undefined,
    ordinals: readonly number[]
  ) => boolean
  /** The table, or undefined where it says nothing beyond positions; adds its sources. */
  readonly table: (sources: Sources) => PlaneTable | undefined
}

interface Column {
  readonly unit: string | undefined
  readonly position: boolean
  readonly values: (PlaneValue | undefined)[]
  readonly ordinals: (readonly number[] | undefined)[]
}

const columnOf = (name: string, column: Column, rows: number): PlaneColumn => ({
  name,
  ...(column.unit === undefined ? {} : { unit: column.unit }),
  values: Array.from({ length: rows }, (_, row) => column.values[row] ?? null)
})

const keyOf = (position: Readonly<Record<string, PlaneIndex>>): string =>
  Object.keys(position)
    .sort()
    .map(axis => `${axis}=${position[axis]?.value}`)
    .join(' ')

/** An empty plane table. */
export const newPlaneDraft = (): PlaneDraft => {
  const rows = new Map<string, number>()
  const columns = new Map<string, Column>()
  const put = (
    row: number,
    name: string,
    value: PlaneValue,
    unit: string | undefined,
    ordinals: readonly number[],
    position: boolean
  ): boolean => {
    const column = columns.get(name) ?? { unit, position, values: [], ordinals: [] }
    if (column.unit !== unit) return false
    columns.set(name, column)
    const before = column.values[row]
    if (before !== undefined && before !== value) return false
    column.values[row] = value
    const sources = column.ordinals[row]
    column.ordinals[row] = sources === undefined ? ordinals : [...sources, ...ordinals]
    return true
  }
  return {
    row: position => {
      const key = keyOf(position)
      const row = rows.get(key) ?? rows.size
      rows.set(key, row)
      for (const [axis, { value, ordinals }] of Object.entries(position))
        put(row, axis, value, undefined, ordinals, true)
      return row
    },
    cell: (row, name, value, unit, ordinals) => put(row, name, value, unit, ordinals, false),
    table: sources => {
      if (![...columns.values()].some(column => !column.position)) return undefined
      const ordered = [...columns].sort(([, a], [, b]) => Number(b.position) - Number(a.position))
      ordered.forEach(([, column], i) => {
        column.ordinals.forEach((ordinals, row) => sources.add(`/planes/columns/${i}/values/${row}`, ordinals ?? []))
      })
      return { columns: ordered.map(([name, column]) => columnOf(name, column, rows.size)) }
    }
  }
}
