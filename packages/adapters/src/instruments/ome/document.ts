import type { Quantity } from '@bims/core'
import type { Sourced } from '../native/instrument-draft.ts'
import { parseDecimal } from '../native/number.ts'
import { childrenOf, type XmlElement, type XmlTree } from '../native/xml-tree.ts'
import { ucumOf } from './units.ts'

/** An OME document with its elements by id. */
export interface OmeDocument {
  readonly tree: XmlTree
  readonly images: readonly XmlElement[]
  readonly instruments: readonly XmlElement[]
}

/** Whether an XML tree is OME's. */
export const isOme = (tree: XmlTree): boolean => tree.root.name === 'OME'

/** An OME document over its tree. */
export const omeDocument = (tree: XmlTree): OmeDocument => ({
  tree,
  images: childrenOf(tree.root, 'Image'),
  instruments: childrenOf(tree.root, 'Instrument')
})

/** An attribute that is not blank. */
export const attribute = (element: XmlElement | undefined, name: string): Sourced<string> | undefined => {
  const found = element?.attributes.get(name)
  return found === undefined || found.value.trim() === ''
    ? undefined
    : { value: found.value.trim(), ordinals: [found.ordinal] }
}

/** The text of an element that is not blank. */
export const textOf = (element: XmlElement | undefined): Sourced<string> | undefined =>
  element === undefined || element.texts.length === 0
    ? undefined
    : {
        value: element.texts
          .map(({ value }) => value)
          .join('')
          .trim(),
        ordinals: element.texts.map(({ ordinal }) => ordinal)
      }

/** An attribute that is a number. */
export const numberOf = (element: XmlElement | undefined, name: string): Sourced<number> | undefined => {
  const text = attribute(element, name)
  const value = text === undefined ? undefined : parseDecimal(text.value)
  return text === undefined || value === undefined ? undefined : { value, ordinals: text.ordinals }
}

/** An attribute that is `true` or `false`. */
export const booleanOf = (element: XmlElement | undefined, name: string): Sourced<boolean> | undefined => {
  const text = attribute(element, name)
  return text === undefined || (text.value !== 'true' && text.value !== 'false')
    ? undefined
    : { value: text.value === 'true', ordinals: text.ordinals }
}

/**
 * An attribute with its unit: the sibling `<name>Unit`, else the default of OME 2016-06 (which is also the fixed unit of
 * the older schemas). Undefined where the unit has no UCUM code: it is never guessed.
 */
export const quantityOf = (
  element: XmlElement | undefined,
  name: string,
  fallback: string | undefined
): Sourced<Quantity> | undefined => {
  const number = numberOf(element, name)
  const unit = attribute(element, `${name}Unit`)
  const code = unit === undefined ? fallback : ucumOf(unit.value)
  return number === undefined || code === undefined
    ? undefined
    : { value: { value: number.value, unit: code }, ordinals: [...number.ordinals, ...(unit?.ordinals ?? [])] }
}
