import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import {
  completeness,
  modalities,
  modalitySettings,
  nm,
  ms,
  type AcquisitionContent,
  type InstrumentContent,
  type Setting
} from '../../src/index.ts'

const image = { axes: ['c', 'y', 'x'], shape: [2, 4, 6], dtype: 'uint16' as const }
const id = `sha256:${'0'.repeat(64)}`
const instrument: InstrumentContent = {
  maker: 'Acme',
  model: 'X1',
  serial: '42',
  software: { name: 'Scope', version: '1' },
  components: [{ kind: 'camera' }]
}

describe('completeness', () => {
  test('an empty microscope is not complete', () => {
    const empty: AcquisitionContent = { image: { axes: [], shape: [], dtype: 'uint8' }, channels: [] }
    const { essential } = completeness(empty, {})
    expect(essential.present).toBe(0)
    expect(essential.missing).toEqual([
      'instrument',
      'instrument.maker',
      'instrument.model',
      'channels',
      'image.pixelSize.x',
      'image.pixelSize.y'
    ])
  })

  test('the missing instrument id is named although the instrument is at hand', () => {
    const acquisition: AcquisitionContent = { image, channels: [{ modality: 'light', path: {} }] }
    expect(completeness(acquisition, instrument).essential.missing).toContain('instrument')
    expect(completeness({ ...acquisition, instrument: id }, instrument).essential.missing).not.toContain('instrument')
  })

  test('a blank value is missing, a withheld one is present', () => {
    const tell = (operator: Setting) =>
      completeness({ image, channels: [{ modality: 'light', path: {} }], settings: { operator } }).full.missing
    expect(tell('')).toContain('operator')
    expect(tell({ $withheld: id })).not.toContain('operator')
  })

  test('a setting that only one channel lacks is named with that channel', () => {
    const { essential } = completeness({
      image,
      channels: [
        { modality: 'light', path: { excitation: nm(488), emission: nm(520) } },
        { modality: 'light', path: { excitation: nm(561) } }
      ]
    })
    expect(essential.missing).toContain('channels/1/emission')
    expect(essential.missing).not.toContain('channels/0/emission')
    expect(essential.missing).not.toContain('excitation')
    expect(essential.missing).toContain('objective.numericalAperture')
  })

  test('conditions decide what is applicable', () => {
    const names = (path: Record<string, Setting>) =>
      completeness({ image, channels: [{ modality: 'light', path }] }).essential.missing
    expect(names({})).toEqual(expect.arrayContaining(['excitation', 'emission', 'exposure']))
    expect(names({})).not.toContain('pinhole')
    expect(names({ acquisitionMode: 'LaserScanningConfocalMicroscopy' })).toEqual(
      expect.arrayContaining(['pinhole', 'scan.dwellTime'])
    )
    expect(names({ acquisitionMode: { set: 'LaserScanningConfocalMicroscopy' } })).not.toContain('exposure')
    expect(names({ illumination: 'Transmitted' })).not.toContain('excitation')
  })

  test('columns of planes count, with .set and .measured, unless they are empty', () => {
    const missing = (name: string, values: readonly (number | null)[]) =>
      completeness({
        image,
        channels: [{ modality: 'light', path: {} }],
        planes: { columns: [{ name, unit: 'ms', values }] }
      }).essential.missing
    expect(missing('exposure', [10, null])).not.toContain('exposure')
    expect(missing('exposure.measured', [10])).not.toContain('exposure')
    expect(missing('exposure', [null, null])).toContain('exposure')
  })

  test('settings common to all channels count for each', () => {
    const channels = [
      { modality: 'light' as const, path: {} },
      { modality: 'light' as const, path: {} }
    ]
    expect(completeness({ image, channels, settings: { exposure: ms(10) } }).essential.missing).not.toContain(
      'exposure'
    )
  })

  property.prop([fc.constantFrom(...modalities), fc.array(fc.nat(200), { maxLength: 30 })])(
    'present and missing are all that is applicable; more settings never make it less complete',
    (modality, picks) => {
      const settings = modalitySettings(modality)
      const path = Object.fromEntries(
        picks.flatMap(i => {
          const setting = settings[i % settings.length]
          return setting === undefined || setting.kind === 'text' ? [] : [[setting.name, 1]]
        })
      )
      const before = completeness({ image, channels: [{ modality, path: {} }] }, instrument)
      const after = completeness({ image, channels: [{ modality, path }] }, instrument)
      for (const tier of ['essential', 'recommended', 'full'] as const) {
        expect(after[tier].present + after[tier].missing.length).toBe(after[tier].applicable)
        expect(after[tier].present).toBeGreaterThanOrEqual(before[tier].present)
      }
      const added = new Set(Object.keys(path)).size
      const sum = (c: typeof before) => c.essential.present + c.recommended.present + c.full.present
      expect(sum(after) - sum(before)).toBeLessThanOrEqual(added)
    }
  )
})
