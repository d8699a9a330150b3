import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { modalitySettings, settingDefinition, type Modality, type SettingDefinition } from '../../src/index.ts'

const spec = readFileSync(new URL('../../../../docs/spec/acquisition.md', import.meta.url), 'utf8')

const note = ({ when, unless, personal }: SettingDefinition): string =>
  [
    ...(when === undefined ? [] : [`Only where \`${when.setting}\` is ${when.values.join(', ')}.`]),
    ...(unless === undefined ? [] : [`Not where \`${unless.setting}\` is ${unless.values.join(', ')}.`]),
    ...(personal === true ? ['Personal.'] : [])
  ].join(' ')

const row = (setting: SettingDefinition): string =>
  `| \`${setting.name}\` | ${setting.stage} | ${setting.kind === 'quantity' ? `quantity, ${setting.unit}` : setting.kind} | ${setting.tier} | ${[setting.doc, note(setting)].join(' ').trim()} |`

const table = (modality: Modality): string =>
  modalitySettings(modality)
    .filter(({ name }) => modality === 'generic' || settingDefinition('generic', name) === undefined)
    .map(row)
    .join('\n')

test.each(['generic', 'light', 'sem'] as const)(
  'the table of %s in docs/spec/acquisition.md is that of the code',
  modality => {
    const section = spec
      .slice(spec.indexOf(`### Settings: ${modality}`))
      .split('\n\n')[1]
      ?.trimEnd()
      .split('\n')
      .slice(2)
      .join('\n')
    expect(section).toBe(table(modality))
  }
)
