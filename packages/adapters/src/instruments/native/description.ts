import type { NativeBlock } from '@bims/core'
import { decodeText } from './text.ts'

const firstElement = /<(?:[\w.-]{1,64}:)?([A-Za-z_][\w.-]{0,64})/

/**
 * Whose the text of an ImageDescription (tag 270) is: its first XML element is OME's (declarations and comments before
 * it are skipped), it begins as ImageJ's, or it is some other text. Undefined for other tags and for blank text.
 */
export const descriptionKind = (block: NativeBlock): 'ome' | 'imagej' | 'other' | undefined => {
  if (block.tag !== 270) return undefined
  const head = decodeText(block.bytes.subarray(0, 8192)).text.trimStart()
  if (head === '') return undefined
  if (head.startsWith('ImageJ=')) return 'imagej'
  return head.startsWith('<') && firstElement.exec(head)?.[1] === 'OME' ? 'ome' : 'other'
}
