import { newLedgerRecord, sealRecord, type LedgerRecord } from '@bims/core'
import { rightOf } from './right.ts'

// About what an acquisition of two channels weighs.
const acquisition = (run: string, n: number): Uint8Array =>
  rightOf(
    sealRecord('acquisition', {
      schema: 'bims.acquisition/1',
      image: {
        axes: ['c', 'y', 'x'],
        shape: [2, 2048, 2048],
        dtype: 'uint16',
        pixelSize: { x: { value: 65, unit: 'nm' } }
      },
      channels: ['DAPI', 'GFP'].map(name => ({
        modality: 'light',
        name,
        path: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`bench:setting${i}`, `${run} ${n} ${i}`]))
      })),
      acquiredAt: { local: '2026-11-23T14:00:00', source: 'clock' }
    })
  ).bytes

/** Acquisitions of about 2 KB, distinct by the name of the run and their number. */
export const acquisitionRecords = (run: string, count: number): readonly LedgerRecord[] =>
  Array.from({ length: count }, (_, n) => rightOf(newLedgerRecord(acquisition(run, n))))
