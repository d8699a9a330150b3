import { fc, test as property } from '@fast-check/vitest'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { omeFormat } from '../../src/instruments/ome/format.ts'
import { ucumOf } from '../../src/instruments/ome/units.ts'
import { assembled, expectSound, pointersOf } from './expectations.ts'
import { ascii, block, fakeContainer } from './fake-container.ts'

const namespace = 'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"'
const instrument = `<Instrument ID="Instrument:0">
  <Microscope Manufacturer="Acme" Model="X1" SerialNumber="42" Type="Inverted"/>
  <Laser ID="LightSource:0" Power="200" Wavelength="488" Type="Gas"/>
  <Detector ID="Detector:0" Manufacturer="Acme" Model="C1" Type="CMOS" Gain="1"/>
  <Objective ID="Objective:0" Model="60x" NominalMagnification="60" LensNA="1.2" Immersion="Water" WorkingDistance="280"/>
  <FilterSet ID="FilterSet:0"><EmissionFilterRef ID="Filter:1"/></FilterSet>
  <Filter ID="Filter:1"><TransmittanceRange CutIn="500" CutOut="550"/></Filter>
</Instrument>`
const channel = `<Channel ID="Channel:0:0" Name="GFP" ExcitationWavelength="488" EmissionWavelength="0.52" EmissionWavelengthUnit="µm" PinholeSize="1.5"
  AcquisitionMode="LaserScanningConfocalMicroscopy" Fluor="EGFP"><LightSourceSettings ID="LightSource:0" Attenuation="0.8"/>
  <DetectorSettings ID="Detector:0" Gain="3" Binning="2x2" ReadOutRate="10"/><FilterSetRef ID="FilterSet:0"/></Channel>`
const plane =
  '<Plane TheT="0" TheC="0" TheZ="1" DeltaT="0.5" ExposureTime="25" ExposureTimeUnit="ms" PositionX="7" PositionY="2" PositionYUnit="mm" PositionZ="3" PositionZUnit="reference frame"/>'
const imageOf = (
  id: number,
  more = ''
) => `<Image ID="Image:${id}" Name="cells ${id}"><AcquisitionDate>2020-01-02T03:04:05Z</AcquisitionDate><Description>&lt;mine&gt; &amp; &#xB5;</Description>
  <InstrumentRef ID="Instrument:0"/><ObjectiveSettings ID="Objective:0" RefractiveIndex="1.33" Medium="Water"/>
  <ImagingEnvironment Temperature="37" Humidity="0.6" AirPressure="1013"/><StageLabel Name="A1" X="1" Y="2" YUnit="mm"/>
  <Pixels ID="Pixels:${id}" DimensionOrder="XYZCT" Type="uint8" SizeX="6" SizeY="4" SizeZ="2" SizeC="1" SizeT="1" PhysicalSizeX="0.1" PhysicalSizeY="0.2" PhysicalSizeYUnit="pixel" PhysicalSizeZ="2" PhysicalSizeZUnit="Å">
  ${channel}${more}${plane}</Pixels></Image>`
const document = `<?xml version="1.0" encoding="UTF-8"?><!-- Warning --><OME ${namespace} Creator="Acme 3">${instrument}${imageOf(0)}</OME>`
const image = { axes: ['z', 'y', 'x'], shape: [2, 4, 6], dtype: 'uint8' as const }

const readAll = async (
  xml: string | Uint8Array,
  images = [image],
  notCovered: readonly { file: string; uuid?: string }[] = []
) => {
  const all = await assembled(
    fakeContainer([block(270, typeof xml === 'string' ? ascii(xml) : xml)], images, { notCovered })
  )
  all.forEach(expectSound)
  return all
}

const read = async (xml: string | Uint8Array) => {
  const [acquisition] = await readAll(xml)
  if (acquisition === undefined) throw new Error('nothing was read')
  return acquisition
}

describe('OME-XML', () => {
  test('channels, with the defaults of OME units and UCUM codes', async () => {
    const { acquisition } = await read(document)
    expect(acquisition.channels).toHaveLength(1)
    expect(acquisition.channels[0]).toMatchObject({
      modality: 'light',
      name: 'GFP',
      path: {
        excitation: { value: 488, unit: 'nm' },
        emission: { value: 0.52, unit: 'um' },
        pinhole: { value: 1.5, unit: 'um' },
        acquisitionMode: 'LaserScanningConfocalMicroscopy',
        'source.kind': 'laser',
        'source.power': { value: 200, unit: 'mW' },
        'source.attenuation': 0.8,
        'detector.gain': 3,
        'detector.binning': '2x2',
        'detector.readoutRate': { value: 10, unit: 'MHz' },
        'detector.kind': 'CMOS',
        emissionFilter: 'Filter:1'
      }
    })
    expect(acquisition.settings).toMatchObject({
      'objective.magnification': 60,
      'objective.numericalAperture': 1.2,
      'objective.refractiveIndex': 1.33,
      'objective.medium': 'Water',
      'environment.temperature': { value: 37, unit: 'Cel' },
      'environment.pressure': { value: 1013, unit: 'mbar' },
      'environment.humidity': 0.6,
      comment: '<mine> & µ',
      'stage.y': { value: 2, unit: 'mm' },
      'ome:StageLabel.X': 1
    })
  })

  test('a unit without a UCUM code is never guessed', async () => {
    const acquisition = await read(document)
    expect(acquisition.acquisition.image.pixelSize).toEqual({
      x: { value: 0.1, unit: 'um' },
      z: { value: 2, unit: 'Ao' }
    })
    expect(pointersOf(acquisition, 'OME/Image/Pixels/@PhysicalSizeY')).toEqual([])
    expect(acquisition.acquisition.settings?.['stage.x']).toBeUndefined()
    for (const unit of ['pixel', 'reference frame', 'pt', 'Torr', '', 'constructor', 'furlong'])
      expect(ucumOf(unit)).toBeUndefined()
    for (const [unit, code] of [
      ['µm', 'um'],
      ['μm', 'um'],
      ['Å', 'Ao'],
      ['°C', 'Cel'],
      ['dam', 'dam'],
      ['MHz', 'MHz'],
      ['mbar', 'mbar'],
      ['psi', '[psi]'],
      ['min', 'min']
    ])
      expect(ucumOf(unit ?? '')).toBe(code)
  })

  test('planes', async () => {
    const { acquisition } = await read(document)
    expect(acquisition.planes).toEqual({
      columns: [
        { name: 't', values: [0] },
        { name: 'c', values: [0] },
        { name: 'z', values: [1] },
        { name: 'planeTime', unit: 's', values: [0.5] },
        { name: 'exposure', unit: 'ms', values: [25] },
        { name: 'ome:PositionX', values: [7] },
        { name: 'stage.y', unit: 'mm', values: [2] },
        { name: 'ome:PositionZ (reference frame)', values: [3] }
      ]
    })
  })

  test('hardware, moment, personal data', async () => {
    const { acquisition, instrument: hardware, personal } = await read(document)
    expect(hardware).toMatchObject({ maker: 'Acme', model: 'X1', serial: '42', software: { name: 'Acme 3' } })
    expect(hardware?.components?.map(({ kind }) => kind)).toEqual([
      'microscope',
      'laser',
      'detector',
      'objective',
      'filter set',
      'filter'
    ])
    expect(hardware?.components?.[5]?.properties).toEqual({
      'ome:TransmittanceRange.CutIn': { value: 500, unit: 'nm' },
      'ome:TransmittanceRange.CutOut': { value: 550, unit: 'nm' }
    })
    expect(acquisition.acquiredAt).toEqual({
      local: '2020-01-02T03:04:05',
      offset: 'Z',
      source: 'Image/AcquisitionDate'
    })
    expect([...personal].sort()).toEqual(['/settings/comment', '/settings/image.name', '/settings/stage.label'])
  })

  test('an objective fills both its component and the settings', async () => {
    expect(pointersOf(await read(document), 'OME/Instrument/Objective/@LensNA')).toEqual([
      '/settings/objective.numericalAperture',
      '/instrument/components/3/properties/objective.numericalAperture'
    ])
  })

  test('the experimenter is the operator, and personal', async () => {
    const of = async (person: string) =>
      read(
        `<OME><Experimenter ID="E:0" UserName="x"/>${person}<Image ID="0"><ExperimenterRef ID="E:1"/><Pixels SizeC="1"/></Image></OME>`
      )
    const { acquisition, personal } = await of('<Experimenter ID="E:1" FirstName="Ada" LastName="L" Email="a@b"/>')
    expect(acquisition.settings).toEqual({ operator: 'Ada L' })
    expect(personal).toEqual(['/settings/operator'])
    expect((await of('<Experimenter ID="E:1"><OMEName>ada</OMEName></Experimenter>')).acquisition.settings).toEqual({
      operator: 'ada'
    })
    expect((await of('')).acquisition.settings).toBeUndefined()
  })

  test('several images are several acquisitions of one block', async () => {
    const all = await readAll(`<OME ${namespace}>${instrument}${imageOf(0)}${imageOf(1)}</OME>`, [image, image])
    expect(all.map(({ series, acquisition }) => [series, acquisition.settings?.['image.name']])).toEqual([
      [0, 'cells 0'],
      [1, 'cells 1']
    ])
    expect(all[1]?.native[0]?.at).toBe(all[0]?.native[0]?.at)
  })

  test('images that stand in other files are carried, not mapped', async () => {
    const there = (id: number, file: string) =>
      imageOf(id, `<TiffData IFD="0"><UUID FileName="${file}">urn:uuid:${id}</UUID></TiffData>`)
    const xml = `<OME ${namespace}>${instrument}${there(0, 'a.tif')}${there(1, 'b.tif')}</OME>`
    const byName = await readAll(xml, [image], [{ file: 'a.tif' }])
    expect(byName.map(({ acquisition }) => acquisition.settings?.['image.name'])).toEqual(['cells 1'])
    const byId = await readAll(xml, [image], [{ file: 'elsewhere.tif', uuid: 'urn:uuid:1' }])
    expect(byId.map(({ acquisition }) => acquisition.settings?.['image.name'])).toEqual(['cells 0'])
    expect((await readAll(xml, [image]))[0]?.warnings.join()).toMatch(/2 OME images, but 1 image series/)
  })

  test('older namespaces, prefixes, latin-1', async () => {
    const old =
      await read(`<OME:OME xmlns:OME="http://www.openmicroscopy.org/Schemas/OME/2008-02"><OME:Image ID="i" Name="old"><OME:CreationDate>2008-02-06T13:43:19</OME:CreationDate>
      <OME:LogicalChannel ID="c" ExWave="1"/><OME:Pixels ID="p" SizeX="6" SizeY="4" SizeZ="2" SizeC="1" SizeT="1" PixelType="uint8" PhysicalSizeX="0.5"/></OME:Image></OME:OME>`)
    expect(old.acquisition.image.pixelSize).toEqual({ x: { value: 0.5, unit: 'um' } })
    expect(old.acquisition.acquiredAt?.local).toBe('2008-02-06T13:43:19')
    expect(old.native[0]?.entries[0]).toEqual({
      key: 'OME:OME/@xmlns:OME',
      value: 'http://www.openmicroscopy.org/Schemas/OME/2008-02'
    })
    const latin = Uint8Array.from(
      `<OME><Image ID="i"><Pixels SizeC="1" PhysicalSizeX="3" PhysicalSizeXUnit="\u00B5m"/></Image></OME>`,
      c => c.charCodeAt(0)
    )
    expect((await read(latin)).acquisition.image.pixelSize).toEqual({ x: { value: 3, unit: 'um' } })
    expect((await read(latin)).native[0]?.mediaType).toBe('application/xml; charset=iso-8859-1')
  })

  test('an acquisition mode that is no light microscopy', async () => {
    expect(
      (await read(document.replace('LaserScanningConfocalMicroscopy', 'Other'))).acquisition.channels[0]?.modality
    ).toBe('generic')
  })

  test('text that is not OME is left to others', async () => {
    expect(await right0('<TemReporter><OME/></TemReporter>')).toEqual([])
    expect(await right0('ImageJ=1.5\n')).toEqual([])
  })

  const right0 = async (xml: string) => {
    const readings = await omeFormat.read(fakeContainer([block(270, ascii(xml))]))()
    return E.isRight(readings) ? readings.right : undefined
  }
})

describe('hostile XML', () => {
  const parse = (xml: string) => omeFormat.parse([{ format: 'ome-xml', bytes: ascii(xml) }])[0]
  const bomb = `<?xml version="1.0"?><!DOCTYPE OME [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, i) => `<!ENTITY ${'abcdefghijklmnopqrstuvw'[i + 1]} "${`&${'abcdefghijklmnopqrstuvw'[i]};`.repeat(10)}">`).join('')}]><OME>&u;</OME>`

  test.each<[string, string]>([
    ['an entity bomb', bomb],
    ['an external entity', '<!DOCTYPE OME [<!ENTITY x SYSTEM "file:///etc/passwd">]><OME A="&x;">&x;</OME>'],
    ['deep nesting', `<OME>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</OME>`],
    ['an element that is not closed', '<OME><Image></OME>'],
    ['an end that is missing', '<OME><Image>'],
    ['a doubled attribute', '<OME A="1" A="2"/>'],
    ['an attribute without quotes', '<OME A=1/>'],
    ['a NUL within', '<OME A="1">\0<b/>'],
    ['two roots', '<OME/><OME/>'],
    ['nothing', ''],
    ['only a declaration', '<?xml version="1.0"?>'],
    ['many open brackets', '<OME '.repeat(50_000)],
    ['an unclosed comment', '<OME><!-- '.repeat(10_000)]
  ])('%s is native-malformed', (_, xml) => {
    expect(parse(xml)).toMatchObject({ _tag: 'Left', left: { code: 'native-malformed' } })
  })

  test('a damaged block is carried whole, with a warning, and does not stop the reading', async () => {
    const [acquisition] = await assembled(fakeContainer([block(270, ascii('<OME><Image></OME>'))]))
    expect(acquisition?.native[0]).toMatchObject({ format: 'ome-xml', entries: [], at: 'tiff:0/270' })
    expect(acquisition?.warnings[0]).toMatch(/tiff:0\/270: The XML is not well-formed/)
  })

  test('names of properties are only names', () => {
    const [parsed] = omeFormat.parse([
      {
        format: 'ome-xml',
        bytes: ascii('<OME __proto__="1" constructor="2" hasOwnProperty="3"><toString a="4"/></OME>')
      }
    ])
    expect(parsed).toMatchObject({
      _tag: 'Right',
      right: [
        { key: 'OME/@__proto__', value: '1' },
        { key: 'OME/@constructor' },
        { key: 'OME/@hasOwnProperty' },
        { key: 'OME/toString/@a', value: '4' }
      ]
    })
  })

  test('a huge text and a million SizeC stay within bounds', async () => {
    const { acquisition } = await read(`<OME><Image ID="${'x'.repeat(1_000_000)}"><Pixels SizeC="1e9"/></Image></OME>`)
    expect(acquisition.channels).toHaveLength(1000)
  })

  interface Tree {
    readonly name: string
    readonly attributes: readonly string[]
    readonly text: string
    readonly children: readonly Tree[]
  }
  const tree: fc.Memo<Tree> = fc.memo(depth =>
    fc.record({
      name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,6}$/),
      attributes: fc.array(fc.stringMatching(/^[ -~]{0,12}$/), { maxLength: 4 }),
      text: fc.stringMatching(/^[ -~]{0,12}$/),
      children: depth <= 1 ? fc.constant([]) : fc.array(tree(depth - 1), { maxLength: 3 })
    })
  )
  const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
  const write = (node: Tree): string =>
    `<${node.name}${node.attributes.map((value, i) => ` a${i}="${escape(value)}"`).join('')}>${escape(node.text)}${node.children.map(write).join('')}</${node.name}>`
  const values = (node: Tree): readonly string[] => [
    ...node.attributes,
    ...(node.text.trim() === '' ? [] : [node.text]),
    ...node.children.flatMap(values)
  ]

  property.prop([tree(4)])('one entry an attribute and one a text that is not blank, in order, unescaped', node => {
    const parsed = parse(write(node))
    expect(parsed !== undefined && E.isRight(parsed) ? parsed.right.map(({ value }) => value) : parsed).toEqual(
      values(node)
    )
  })
})
