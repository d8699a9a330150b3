import { describe, expect, test } from 'vitest'
import {
  isCommensurable,
  isUnit,
  modalities,
  modalitySettings,
  settingDefinition,
  settingStages,
  valueIn
} from '../../src/index.ts'

describe('settings of modalities', () => {
  test.each(modalities)('%s: names are unique and well formed, units are UCUM', modality => {
    const settings = modalitySettings(modality)
    expect(new Set(settings.map(({ name }) => name)).size).toBe(settings.length)
    for (const { name, kind, unit, doc } of settings) {
      expect(name).toMatch(/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/)
      expect(doc).toMatch(/\.$/)
      if (kind === 'quantity') expect(isUnit(unit ?? ''), `${name}: ${unit}`).toBe(true)
      else expect(unit).toBeUndefined()
    }
  })

  test.each(['light', 'sem', 'fib'] as const)('%s has settings of each tier', modality => {
    for (const tier of ['essential', 'recommended', 'full']) {
      expect(modalitySettings(modality).filter(setting => setting.tier === tier).length).toBeGreaterThan(2)
    }
  })

  test('they stand in the order of the signal', () => {
    const stages = modalitySettings('light').map(({ stage }) => settingStages.indexOf(stage))
    expect(stages).toEqual([...stages].sort((a, b) => a - b))
  })

  test('names of the usage sketch', () => {
    expect(settingDefinition('light', 'excitation')).toMatchObject({ kind: 'quantity', unit: 'm' })
    expect(settingDefinition('light', 'exposure')).toMatchObject({ kind: 'quantity', unit: 's' })
    expect(settingDefinition('sem', 'source.accelerationVoltage')).toMatchObject({ unit: 'V', tier: 'essential' })
    expect(settingDefinition('sem', 'excitation')).toBeUndefined()
  })

  test('conditions name settings of the same modality', () => {
    for (const modality of modalities) {
      for (const { when, unless } of modalitySettings(modality)) {
        for (const condition of [when, unless]) {
          if (condition !== undefined) expect(settingDefinition(modality, condition.setting)).toBeDefined()
        }
      }
    }
  })

  test('who and free text are marked as personal', () => {
    for (const name of ['operator', 'comment', 'specimen.name', 'stage.label', 'image.name']) {
      expect(settingDefinition('generic', name)?.personal).toBe(true)
    }
  })
})

describe('isCommensurable', () => {
  test.each([
    ['nm', 'm', true],
    ['Cel', 'K', true],
    ['%', '1', true],
    ['deg', 'rad', true],
    ['eV', 'V', false],
    ['s', 'm', false],
    ['pixel', 'm', false],
    ['m', 'pixel', false]
  ])('%s and %s: %s', (a, b, expected) => {
    expect(isCommensurable(a, b)).toBe(expected)
  })
})

describe('valueIn', () => {
  test('converts between units of one kind, and only those', () => {
    expect(valueIn({ value: 500, unit: 'nm' }, 'um')).toBeCloseTo(0.5, 12)
    expect(valueIn({ value: 37, unit: 'Cel' }, 'K')).toBeCloseTo(310.15, 9)
    expect(valueIn({ value: 1, unit: 'eV' }, 'V')).toBeUndefined()
    expect(valueIn({ value: 3, unit: 'pixel' }, 'pixel')).toBe(3)
  })
})
