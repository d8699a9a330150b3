import { randomBytes } from 'node:crypto'
import type { JsonValue } from '@bims/core'
import { fresh } from '../conformance/observations.ts'

export type ContentKind = 'instrument' | 'acquisition' | 'macro' | 'image'

/** Salt of a restricted record. */
export const newSalt = (): string => randomBytes(16).toString('base64')

/** A small record of a kind that nobody has submitted before. */
export const newRecord = (kind: ContentKind): { readonly [name: string]: JsonValue } =>
  ({
    instrument: { schema: 'bims.instrument/1', maker: 'Acme', model: fresh('X') },
    acquisition: {
      schema: 'bims.acquisition/1',
      image: { axes: ['y', 'x'], shape: [2, 3], dtype: 'uint8' },
      channels: [{ modality: 'sem', path: {}, name: fresh('c') }]
    },
    macro: { schema: 'bims.macro/1', note: fresh('m') },
    image: { schema: 'bims.manifest/1', acquisitions: [], sources: [], images: [], note: fresh('i') }
  })[kind]

/** The same, restricted. */
export const newRestricted = (kind: ContentKind): { readonly [name: string]: JsonValue } => ({
  ...newRecord(kind),
  salt: newSalt()
})
