import { newError } from '@bims/core'
import type { BimsError } from '@bims/core'

const advice =
  'Stop using this folder and restore it from a backup. Where only the folder ledger/index is damaged, delete that folder: it is built again from the blocks.'

/** The error for stored files that are damaged beyond a torn tail. */
export const corrupt = (what: string, cause?: unknown): BimsError =>
  newError('network-corrupt', what, advice, cause === undefined ? {} : { cause })
