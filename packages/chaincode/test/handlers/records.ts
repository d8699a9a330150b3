import type { JsonValue, LedgerKind } from '@bims/core'

const hash = (digit: string): string => `sha256:${digit.repeat(64)}`

/** A small record of each kind with content, made distinct by `mark`. */
export const sampleRecord = (kind: LedgerKind, mark = ''): JsonValue =>
  ({
    instrument: { schema: 'bims.instrument/1', maker: 'Acme', model: `X1${mark}` },
    acquisition: {
      schema: 'bims.acquisition/1',
      instrument: hash('1'),
      image: { axes: ['y', 'x'], shape: [2, 3], dtype: 'uint8' },
      channels: [{ modality: 'sem', path: {}, name: mark }]
    },
    macro: { schema: 'bims.macro/1', note: mark },
    image: {
      schema: 'bims.manifest/1',
      acquisitions: [hash('2')],
      macro: hash('3'),
      sources: [{ content: '4'.repeat(64), manifest: hash('4') }],
      images: [{ content: '8'.repeat(64), digest: `bims-pixels-1:${'9'.repeat(64)}` }],
      note: mark
    },
    share: {
      schema: 'bims.share/1',
      target: hash('5'),
      owner: 'Org1MSP',
      receiver: 'Org2MSP',
      salt: `${'A'.repeat(22)}==`
    },
    supersede: { schema: 'bims.supersede/1', target: hash('6'), replacement: hash('7'), reason: mark },
    withdraw: { schema: 'bims.withdraw/1', target: hash('6'), reason: mark }
  })[kind]

/** A salt as restricted records carry it. */
export const testSalt = `${'A'.repeat(21)}Q==`

/** A small record of each kind that carries salt. */
export const restrictedRecord = (kind: LedgerKind, mark = ''): JsonValue => ({
  ...(sampleRecord(kind, mark) as object),
  salt: testSalt
})
