import { fc, test as property } from '@fast-check/vitest'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { thermoFormat } from '../../src/instruments/thermo/format.ts'
import { localMoment } from '../../src/instruments/thermo/moment.ts'
import { assembled, expectSound, pointersOf } from './expectations.ts'
import { ascii, block, fakeContainer } from './fake-container.ts'

const text = [
  '[User]',
  'Date=05/12/2015',
  'Time=04:03:02 PM',
  'User=ada',
  'UserText=grain 7',
  'UserTextUnicode=67007200610069006E002000370000000000',
  '',
  '[System]',
  'Type=DualBeam',
  'Dnumber=99',
  'Software=7.1',
  'BuildNr=12',
  'Source=FEG',
  'Column=Elstar',
  'Stage=6inch',
  'SystemType=Model "9"',
  'ESEM=no',
  '[Beam]',
  'HV=5000',
  'Spot=',
  'Beam=EBeam',
  'Scan=EScan',
  '[EBeam]',
  'Source=FEG',
  'HV=5000',
  'WD=0.004',
  'BeamCurrent=6.25e-012',
  'EmissionCurrent=0.00021',
  'ColumnType=Elstar',
  'StageX=1e-3',
  'StageTa=0.1',
  'LensMode=Immersion',
  '[IBeam]',
  'HV=30000',
  '[Scan]',
  'Dwelltime=1e-005',
  'PixelWidth=3e-009',
  'PixelHeight=4e-009',
  'Average=0',
  '[EScan]',
  'Dwell=1e-005',
  'Mainslock=On',
  '[Image]',
  'Average=4',
  '[Vacuum]',
  'ChPressure=1e-4',
  'Humidity=',
  '[Specimen]',
  'Temperature=293.15',
  '[Detectors]',
  'Number=1',
  'Name=TLD',
  'Mode=BSE',
  '[TLD]',
  'Contrast=40',
  'Signal=BSE',
  'Grid=-150',
  '[PrivateFei]',
  'TimeOfCreation=12.05.2015 16:03:02',
  'User=second',
  'User=third',
  ''
].join('\r\n')

const read = async (ini: string, tag = 34682) => {
  const [acquisition] = await assembled(fakeContainer([block(tag, ascii(ini))]))
  if (acquisition === undefined) throw new Error('nothing was read')
  expectSound(acquisition)
  return acquisition
}

describe('Thermo / FEI', () => {
  test('settings in SI units along the path of the active beam', async () => {
    const { acquisition } = await read(text)
    expect(acquisition.channels).toHaveLength(1)
    expect(acquisition.channels[0]).toMatchObject({
      modality: 'sem',
      path: {
        'source.kind': 'FEG',
        'source.accelerationVoltage': { value: 5000, unit: 'V' },
        'source.emissionCurrent': { value: 0.00021, unit: 'A' },
        'beam.current': { value: 6.25e-12, unit: 'A' },
        workingDistance: { value: 0.004, unit: 'm' },
        'stage.x': { value: 0.001, unit: 'm' },
        'stage.tilt': { value: 0.1, unit: 'rad' },
        'lens.mode': 'Immersion',
        'scan.dwellTime': { value: 1e-5, unit: 's' },
        'scan.mainsLock': true,
        'chamber.pressure': { value: 1e-4, unit: 'Pa' },
        'specimen.temperature': { value: 293.15, unit: 'K' },
        'detector.name': 'TLD',
        'detector.signal': 'BSE',
        'detector.contrast': 40,
        'detector.gridVoltage': { value: -150, unit: 'V' }
      }
    })
    expect(acquisition.image.pixelSize).toEqual({ x: { value: 3e-9, unit: 'm' }, y: { value: 4e-9, unit: 'm' } })
    expect(acquisition.acquiredAt).toEqual({ local: '2015-05-12T16:03:02', source: '[User] Date, [User] Time' })
  })

  test('blank values are entries but say nothing; the other beam is carried, not taken', async () => {
    const acquisition = await read(text)
    expect(acquisition.native[0]?.entries).toContainEqual({ key: '[Beam] Spot', value: '' })
    expect(pointersOf(acquisition, '[Beam] Spot')).toEqual([])
    expect(pointersOf(acquisition, '[IBeam] HV')).toEqual([])
    expect(pointersOf(acquisition, '[Beam] HV')).toEqual(['/channels/0/path/source.accelerationVoltage'])
    expect(pointersOf(acquisition, '[EBeam] HV')).toEqual(['/channels/0/path/source.accelerationVoltage'])
    expect(pointersOf(acquisition, '[PrivateFei] TimeOfCreation')).toEqual(['/acquiredAt/local'])
  })

  test('a second value beside the one that stands there goes under the native name', async () => {
    const { acquisition } = await read(text)
    expect(acquisition.channels[0]?.path).toMatchObject({ 'scan.frameAverage': 0, 'thermo:Image.Average': 4 })
  })

  test('hardware', async () => {
    const { instrument } = await read(text)
    expect(instrument).toMatchObject({
      maker: 'Thermo Fisher Scientific (FEI)',
      model: 'Model "9"',
      serial: '99',
      software: { version: '7.1' }
    })
    expect(instrument?.components).toContainEqual({ kind: 'electron gun', model: 'FEG' })
    expect(instrument?.components).toContainEqual({ kind: 'detector', id: 'TLD' })
    expect(instrument?.components).toContainEqual({ kind: 'stage', model: '6inch' })
  })

  test('operator and free text are marked as personal', async () => {
    const { personal, acquisition } = await read(text)
    expect(acquisition.settings).toEqual({ operator: 'ada', comment: 'grain 7' })
    expect([...personal].sort()).toEqual(['/settings/comment', '/settings/operator'])
  })

  test.each([
    ['EBeam', 'sem'],
    ['IBeam', 'fib'],
    ['IRBeam', 'light'],
    ['XBeam', 'generic']
  ])('%s makes a %s channel', async (beam, modality) => {
    const { acquisition } = await read(`[Beam]\r\nBeam=${beam}\r\n[${beam}]\r\nHFW=0.1\r\n`)
    expect(acquisition.channels[0]?.modality).toBe(modality)
    expect(acquisition.channels[0]?.path['fieldOfView.x']).toEqual({ value: 0.1, unit: 'm' })
  })

  test('the place of the stage goes before the picture of a camera', async () => {
    const { acquisition } = await read('[Beam]\nBeam=IRBeam\n[IRBeam]\nStageX=1\n[Stage]\nStageX=2\n')
    expect(acquisition.channels[0]?.path).toMatchObject({
      'stage.x': { value: 2, unit: 'm' },
      'thermo:IRBeam.StageX': { value: 1, unit: 'm' }
    })
  })

  test('tag 34680, text that is not UTF-8, numbers that are none', async () => {
    const bytes = Uint8Array.from([
      ...new TextEncoder().encode('[User]\r\nUserText='),
      0xb5,
      ...new TextEncoder().encode('m\r\n[Beam]\r\nBeam=EBeam\r\nHV=high\r\nSpot=3\r\n\0')
    ])
    const [acquisition] = await assembled(fakeContainer([block(34680, bytes)]))
    expect(acquisition?.native[0]).toMatchObject({
      format: 'thermo-ini',
      mediaType: 'text/plain; charset=iso-8859-1',
      at: 'tiff:0/34680'
    })
    expect(acquisition?.native[0]?.bytes).toBe(bytes)
    expect(acquisition?.acquisition.settings).toEqual({ comment: 'µm' })
    expect(acquisition?.acquisition.channels[0]?.path).toMatchObject({ 'beam.spot': 3 })
    expect(acquisition?.acquisition.channels[0]?.path['source.accelerationVoltage']).toBeUndefined()
  })

  test('a block without a single entry is carried with a warning', async () => {
    const [acquisition] = await assembled(fakeContainer([block(34682, Uint8Array.of(0, 1, 2, 255, 0))]))
    expect(acquisition?.native[0]?.entries).toEqual([])
    expect(acquisition?.native[0]?.bytes).toHaveLength(5)
    expect(acquisition?.warnings[0]).toMatch(/34682.*no key=value line/)
    expect(E.isLeft(thermoFormat.parse([{ format: 'thermo-ini', bytes: Uint8Array.of(0, 1) }])[0] ?? E.right([]))).toBe(
      true
    )
  })

  test.each([
    ['06/13/2016', '05:06:40 PM', '2016-06-13T17:06:40'],
    ['13.06.2016', '17:06:40', '2016-06-13T17:06:40'],
    ['1/2/2020', '12:00:00 AM', '2020-01-02T00:00:00'],
    ['13/06/2016', '05:06:40', undefined],
    ['02/30/2016', '05:06:40', undefined],
    ['06/13/2016', '25:00:00', undefined],
    ['', '', undefined]
  ])('the moment of %s %s', (date, time, expected) => {
    expect(localMoment(date, time)).toBe(expected)
  })

  const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 .#-]{0,12}$/)
  const value = fc.stringMatching(/^[^\r\n\0\u0080-\uffff]{0,20}$/)
  property.prop([
    fc.array(fc.tuple(word, fc.array(fc.tuple(word, value), { maxLength: 6 })), { minLength: 1, maxLength: 12 }),
    fc.constantFrom('\r\n', '\n')
  ])('as many entries as lines were written, in order, verbatim, repeats kept', (sections, newline) => {
    const lines = sections.flatMap(([section, keys]) => [`[${section}]`, ...keys.map(([key, own]) => `${key}=${own}`)])
    const expected = sections.flatMap(([section, keys]) =>
      keys.map(([key, own]) => ({ key: `[${section}] ${key.trim()}`, value: own }))
    )
    const [parsed] = thermoFormat.parse([{ format: 'thermo-ini', bytes: ascii(lines.join(newline)) }])
    if (expected.length === 0) expect(parsed).toMatchObject({ _tag: 'Left', left: { code: 'native-malformed' } })
    else expect(parsed).toEqual(E.right(expected))
  })
})
