import type { Draft } from '../native/draft.ts'
import type { PlaneIndex } from '../native/plane-draft.ts'
import { childrenOf, type XmlElement } from '../native/xml-tree.ts'
import { attribute, numberOf, quantityOf } from './document.ts'

const positions = [
  ['t', 'TheT'],
  ['c', 'TheC'],
  ['z', 'TheZ']
] as const

/** OME leaves the unit of stage positions to the instrument's reference frame unless it is given. */
const stage = [
  ['PositionX', 'stage.x'],
  ['PositionY', 'stage.y'],
  ['PositionZ', 'stage.z']
] as const

const indexOf = (plane: XmlElement, name: string): PlaneIndex | undefined => {
  const index = numberOf(plane, name)
  return index !== undefined && Number.isInteger(index.value) && index.value >= 0 ? index : undefined
}

const putCells = (draft: Draft, row: number, plane: XmlElement): void => {
  const time = quantityOf(plane, 'DeltaT', 's')
  if (time !== undefined) draft.planes.cell(row, 'planeTime', time.value.value, time.value.unit, time.ordinals)
  const exposure = quantityOf(plane, 'ExposureTime', 's')
  if (exposure !== undefined)
    draft.planes.cell(row, 'exposure', exposure.value.value, exposure.value.unit, exposure.ordinals)
  for (const [name, setting] of stage) {
    const length = quantityOf(plane, name, undefined)
    const bare = length === undefined ? numberOf(plane, name) : undefined
    if (length !== undefined) draft.planes.cell(row, setting, length.value.value, length.value.unit, length.ordinals)
    if (bare !== undefined) {
      const unit = attribute(plane, `${name}Unit`)
      draft.planes.cell(row, `ome:${name}${unit === undefined ? '' : ` (${unit.value})`}`, bare.value, undefined, [
        ...bare.ordinals,
        ...(unit?.ordinals ?? [])
      ])
    }
  }
}

/** Puts one row for each OME plane: exposure, time, position of the stage. */
export const putPlanes = (draft: Draft, pixels: XmlElement | undefined): void => {
  for (const plane of childrenOf(pixels, 'Plane')) {
    const found = positions.flatMap(([axis, name]) => {
      const index = indexOf(plane, name)
      return index === undefined ? [] : [[axis, index] as const]
    })
    if (found.length === positions.length) putCells(draft, draft.planes.row(Object.fromEntries(found)), plane)
  }
}
