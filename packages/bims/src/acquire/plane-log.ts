import {
  newError,
  type AcquiredImage,
  type PlaneColumn,
  type PlaneTable,
  type Quantity,
  type SetAndMeasured,
  type SettingValue
} from '@bims/core'

/** Where a plane stands along the axes before y and x, e.g. `{t: 0, c: 1, z: 12}`; axes of length 1 may be left out. */
export type Position = Readonly<Record<string, number>>

/** A setting of one plane. */
export type PlaneSetting = Quantity | number | string | boolean | SetAndMeasured

type Cell = number | string | boolean | null

interface Column {
  readonly unit: string | undefined
  readonly cells: Map<number, Cell>
}

const isBoth = (setting: PlaneSetting): setting is SetAndMeasured => typeof setting === 'object' && !('unit' in setting)

const isQuantity = (value: SettingValue): value is Quantity => typeof value === 'object' && 'unit' in value

/** A setting as cells of columns: `exposure.set` and `exposure.measured`, or one column of its own name. */
const cellsOf = (name: string, setting: PlaneSetting): readonly (readonly [string, SettingValue])[] =>
  isBoth(setting)
    ? [
        ...(setting.set === undefined ? [] : [[`${name}.set`, setting.set] as const]),
        ...(setting.measured === undefined ? [] : [[`${name}.measured`, setting.measured] as const])
      ]
    : [[name, setting]]

/** What differs from plane to plane, collected as planes come in any order. */
export class PlaneLog {
  readonly #axes: readonly string[]
  readonly #shape: readonly number[]
  readonly #columns = new Map<string, Column>()
  readonly #seen = new Set<number>()

  constructor({ axes, shape }: AcquiredImage) {
    this.#axes = axes.slice(0, -2)
    this.#shape = shape.slice(0, -2)
  }

  get #count(): number {
    return this.#shape.reduce((product, n) => product * n, 1)
  }

  /** Notes a plane and gives its index in the file, first axis slowest. Throws `digest-shape`. */
  add(position: Position, settings: Readonly<Record<string, PlaneSetting>>, at: string): number {
    const index = this.#indexOf(position)
    if (this.#seen.has(index))
      throw newError('digest-shape', `The plane ${JSON.stringify(position)} came before.`, 'Record each plane once.')
    this.#seen.add(index)
    this.#put('recordedAt', undefined, index, at)
    for (const [name, setting] of Object.entries(settings)) {
      for (const [column, value] of cellsOf(name, setting)) {
        if (isQuantity(value)) this.#put(column, value.unit, index, value.value)
        else this.#put(column, undefined, index, typeof value === 'object' ? null : value)
      }
    }
    return index
  }

  /** Takes a plane back that could not be stored: it may come again. */
  forget(index: number): void {
    this.#seen.delete(index)
    for (const { cells } of this.#columns.values()) cells.delete(index)
  }

  #indexOf(position: Position): number {
    const strange = Object.keys(position).filter(axis => !this.#axes.includes(axis))
    const places = this.#axes.map((axis, i) => position[axis] ?? (this.#shape[i] === 1 ? 0 : Number.NaN))
    const outside = places.some((place, i) => !(Number.isInteger(place) && place >= 0 && place < (this.#shape[i] ?? 0)))
    if (strange.length > 0 || outside) {
      throw newError(
        'digest-shape',
        `${JSON.stringify(position)} is no plane of ${this.#axes.map((axis, i) => `${axis}=${this.#shape[i] ?? 0}`).join(' ') || 'an image of one plane'}.`,
        'Give a place on each axis, counted from 0.'
      )
    }
    return places.reduce((index, place, i) => index * (this.#shape[i] ?? 1) + place, 0)
  }

  #put(name: string, unit: string | undefined, index: number, cell: Cell): void {
    const column = this.#columns.get(name) ?? { unit, cells: new Map<number, Cell>() }
    if (column.unit !== unit)
      throw newError(
        'unit-unknown',
        `The setting ${name} came in ${unit ?? 'no unit'} after ${column.unit ?? 'no unit'}.`,
        'Give one setting in one unit throughout an acquisition.'
      )
    this.#columns.set(name, column)
    column.cells.set(index, cell)
  }

  /** How many planes never came. */
  missing(): number {
    return this.#count - this.#seen.size
  }

  /** All columns: the places on the axes and what was told of each plane; undefined where there is but one plane and nothing to tell. */
  table(): PlaneTable | undefined {
    const rows = Array.from({ length: this.#count }, (_, i) => i)
    const places: PlaneColumn[] = this.#axes.map((name, axis) => {
      const step = this.#shape.slice(axis + 1).reduce((product, n) => product * n, 1)
      return { name, values: rows.map(row => Math.floor(row / step) % (this.#shape[axis] ?? 1)) }
    })
    const told: PlaneColumn[] = [...this.#columns].map(([name, { cells, unit }]) => ({
      name,
      ...(unit === undefined ? {} : { unit }),
      values: rows.map(row => cells.get(row) ?? null)
    }))
    return places.length + told.length === 0 ? undefined : { columns: [...places, ...told] }
  }
}
