import { randomBytes } from 'node:crypto'
import { newLedgerRecord, sealRecord, type LedgerRecord } from '@bims/core'
import { rightOf } from './right.ts'

/** An image's manifest as a record, and what it is found by. */
export interface ImageRecord extends LedgerRecord {
  /** The order-free key of its pixels. */
  readonly content: string
}

const hex = (): string => randomBytes(32).toString('hex')

// What real ones hold: digests that no compressor shortens by more than half, between names that repeat.
const manifest = (n: number): { readonly content: string; readonly bytes: Uint8Array } => {
  const content = hex()
  const images = Array.from({ length: 4 }, (_, level) => ({
    name: `0/${level}`,
    series: 0,
    role: level === 0 ? ('data' as const) : ('level' as const),
    axes: ['t', 'c', 'z', 'y', 'x'],
    shape: [1, 2, 40, 2048 >> level, 2048 >> level],
    dtype: 'uint16' as const,
    digest: `bims-pixels-1:${hex()}`,
    content: level === 0 ? content : hex()
  }))
  const { bytes } = rightOf(
    sealRecord('image', {
      schema: 'bims.manifest/1',
      images,
      notCovered: [],
      acquisitions: [`sha256:${hex()}`, `sha256:${hex()}`],
      macro: `sha256:${hex()}`,
      sources: [{ name: 'raw', content: hex(), manifest: `sha256:${hex()}` }],
      software: [
        { name: 'MyViewer', version: '2.3.1' },
        { name: 'BIMS', version: '0.1.0' }
      ],
      created: new Date(Date.UTC(2026, 10, 23) + n * 1000).toISOString()
    })
  )
  return { content, bytes }
}

/** Manifests of about 2 KB, each one of its own. */
export const imageRecords = (count: number): readonly ImageRecord[] =>
  Array.from({ length: count }, (_, n) => {
    const { content, bytes } = manifest(n)
    return { ...rightOf(newLedgerRecord(bytes)), content }
  })
