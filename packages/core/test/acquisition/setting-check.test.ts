import { describe, expect, test } from 'vitest'
import { checkAcquisition, kV, nm, type AcquisitionContent, type PlaneColumn, type Settings } from '../../src/index.ts'

const image = { axes: ['y', 'x'], shape: [4, 6], dtype: 'uint16' as const }
const light = (path: Settings, columns?: readonly PlaneColumn[]): AcquisitionContent => ({
  image,
  channels: [{ modality: 'light', path }],
  ...(columns === undefined ? {} : { planes: { columns } })
})

describe('checkAcquisition', () => {
  test('what is right gives no warning', () => {
    expect(
      checkAcquisition(
        light(
          {
            excitation: nm(488),
            'acme:ditherMode': 3,
            exposure: { set: { value: 10, unit: 'ms' }, measured: { value: 9.8, unit: 'ms' } },
            'environment.humidity': { value: 40, unit: '%' }
          },
          [
            { name: 'z', values: [0, 1] },
            { name: 'stage.z.measured', unit: 'um', values: [0, 5] },
            { name: 'acme:focus', values: [1, 2] }
          ]
        )
      )
    ).toEqual([])
  })

  test.each<[string, Settings, RegExp]>([
    ['an unknown name', { exitation: nm(488) }, /exitation: not a name of the model/],
    ['a name of another modality', { 'source.accelerationVoltage': kV(5) }, /not a name of the model/],
    [
      'a unit of another dimension',
      { excitation: { value: 488, unit: 'ms' } },
      /excitation: expected a quantity commensurable with m, found quantity in ms/
    ],
    ['a number without its unit', { excitation: 488 }, /found number/],
    [
      'a wrong measured value',
      { exposure: { set: { value: 1, unit: 's' }, measured: nm(3) } },
      /exposure: .* found quantity in nm/
    ],
    ['a number in words', { 'detector.gain': 'high' }, /expected a number, found string/],
    ['a length for a number', { 'detector.gain': nm(3) }, /expected a number/],
    ['a switch in words', { 'source.shutterOpen': 'yes' }, /expected a boolean/]
  ])('%s', (_, path, expected) => {
    const warnings = checkAcquisition(light(path))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(expected)
  })

  test('columns need their unit, and are there once', () => {
    expect(checkAcquisition(light({}, [{ name: 'exposure', values: [1] }]))[0]).toMatch(/found no unit/)
    expect(checkAcquisition(light({}, [{ name: 'exposure', unit: 'nm', values: [1] }]))[0]).toMatch(/the unit nm/)
    expect(checkAcquisition(light({}, [{ name: 'wobble', values: [1] }]))[0]).toMatch(/neither an axis nor a name/)
    expect(
      checkAcquisition(
        light({}, [
          { name: 'z', values: [1] },
          { name: 'z', values: [1] }
        ])
      )[0]
    ).toMatch(/two columns/)
  })

  test('a withheld value is not judged; a modality without a list says so', () => {
    expect(checkAcquisition(light({ operator: { $withheld: `sha256:${'0'.repeat(64)}` } }))).toEqual([])
    expect(checkAcquisition({ image, channels: [{ modality: 'xray-ct', path: {} }] })[0]).toMatch(
      /modality xray-ct: no settings/
    )
  })
})
