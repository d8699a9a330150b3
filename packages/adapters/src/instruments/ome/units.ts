import { isUnit } from '@bims/core'

const metric = /^(?:Y|Z|E|P|T|G|M|k|h|da|d|c|m|u|n|p|f|a|z|y)?(?:m|s|W|V|Hz|Pa)$/

/** OME units whose UCUM code is spelled otherwise. Points and Torr are left out: UCUM's point is another length, and it knows no Torr. */
const named: Readonly<Record<string, string>> = {
  Å: 'Ao',
  '\u212B': 'Ao',
  '°C': 'Cel',
  '°F': '[degF]',
  '°R': '[degR]',
  K: 'K',
  min: 'min',
  h: 'h',
  d: 'd',
  thou: '[mil_i]',
  li: '[lne]',
  in: '[in_i]',
  ft: '[ft_i]',
  yd: '[yd_i]',
  mi: '[mi_i]',
  ua: 'AU',
  ly: '[ly]',
  pc: 'pc',
  bar: 'bar',
  Mbar: 'Mbar',
  kbar: 'kbar',
  dbar: 'dbar',
  cbar: 'cbar',
  mbar: 'mbar',
  atm: 'atm',
  psi: '[psi]',
  'mm Hg': 'mm[Hg]'
}

/** The UCUM code of an OME unit, or undefined where there is none (`pixel`, `reference frame`, `pt`, `Torr`). */
export const ucumOf = (unit: string): string | undefined => {
  const text = unit.trim()
  const ascii = text.replace(/^[\u00B5\u03BC]/, 'u')
  const code = Object.hasOwn(named, text) ? named[text] : metric.test(ascii) ? ascii : undefined
  return code !== undefined && isUnit(code) ? code : undefined
}
