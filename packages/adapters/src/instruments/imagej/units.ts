import { isUnit } from '@bims/core'

const named: Readonly<Record<string, string>> = {
  micron: 'um',
  microns: 'um',
  micrometer: 'um',
  micrometers: 'um',
  nanometer: 'nm',
  nanometers: 'nm',
  millimeter: 'mm',
  millimeters: 'mm',
  centimeter: 'cm',
  meter: 'm',
  inch: '[in_i]',
  inches: '[in_i]',
  angstrom: 'Ao',
  Å: 'Ao',
  '\\u00B5m': 'um',
  '\\u00C5': 'Ao',
  sec: 's',
  seconds: 's',
  second: 's',
  msec: 'ms',
  min: 'min',
  minutes: 'min',
  hour: 'h',
  hours: 'h'
}

const plain = /^(?:[kcmunp]?m|[mun]?s|h|d)$/

/** The UCUM code of a unit as ImageJ users write it, or undefined (`pixel`, an own word): it is never guessed. */
export const ucumOf = (unit: string): string | undefined => {
  const text = unit.trim()
  const ascii = text.replace(/^[\u00B5\u03BC]/, 'u')
  const code = Object.hasOwn(named, text) ? named[text] : plain.test(ascii) ? ascii : undefined
  return code !== undefined && isUnit(code) ? code : undefined
}
