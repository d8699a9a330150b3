import { nm, ms, parseBundle, type AcquiredImage } from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AcquisitionRecorder, openBims, inspect, type Bims } from '../../src/index.ts'
import { production } from '../../src/production.ts'
import { extract } from '../../src/verify/extract.ts'
import { digest } from '../../src/inspect/digest.ts'

let folder: string
let bims: Bims
let begun: AcquisitionRecorder[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bims-test-'))
  bims = await openBims({ outbox: join(folder, 'outbox') })
})
afterEach(async () => {
  await Promise.all(begun.map(acq => acq.cancel().catch(() => undefined)))
  begun = []
  await rm(folder, { recursive: true, force: true })
})

const stack: AcquiredImage = { axes: ['z', 'y', 'x'], shape: [3, 4, 5], dtype: 'uint16' }
const begin = async (image: AcquiredImage = stack): Promise<AcquisitionRecorder> => {
  const acq = (await bims.instrument({ maker: 'Acme', model: 'X1' })).begin(image)
  begun.push(acq)
  return acq
}
const plane = (value: number): Uint16Array => new Uint16Array(20).fill(value)
const journal = (): string => join(folder, 'outbox', 'journal')

describe('an acquisition', () => {
  it('takes planes in any order, without waiting, and gives the same pixels', async () => {
    const [one, other] = [await begin(), await begin()]
    for (const z of [0, 1, 2]) await one.plane({ z }, plane(z + 1))
    void other.plane({ z: 2 }, plane(3))
    void other.plane({ z: 0 }, plane(1))
    void other.plane({ z: 1 }, plane(2))
    await bims.save(join(folder, 'one.tif'), await one.end())
    await bims.save(join(folder, 'other.tif'), await other.end())
    const [a, b] = [await digest(join(folder, 'one.tif')), await digest(join(folder, 'other.tif'))]
    expect(a.images[0]).toMatchObject({ shape: [3, 4, 5], dtype: 'uint16' })
    expect(b.images[0]?.digest).toBe(a.images[0]?.digest)
    expect(await readdir(journal())).toEqual([])
  })

  it('lets the buffer be used again once a plane is stored', async () => {
    const acq = await begin()
    const frame = plane(0)
    for (const z of [0, 1, 2]) {
      frame.fill(z + 7)
      await acq.plane({ z }, frame)
    }
    const ended = await acq.end()
    expect([...new Uint16Array((await ended.readPlane(1)).buffer)]).toEqual([...plane(8)])
    await ended.discard()
    expect(await readdir(journal())).toEqual([])
  })

  it('refuses planes that are none of it', async () => {
    const acq = await begin()
    await expect(acq.plane({ z: 0 }, new Uint16Array(19))).rejects.toMatchObject({ code: 'digest-shape' })
    await expect(acq.plane({ z: 3 }, plane(0))).rejects.toMatchObject({ code: 'digest-shape' })
    await expect(acq.plane({ t: 0, z: 0 }, plane(0))).rejects.toMatchObject({ code: 'digest-shape' })
    await expect(acq.plane({}, plane(0))).rejects.toMatchObject({ code: 'digest-shape' })
    await acq.plane({ z: 0 }, plane(0))
    await expect(acq.plane({ z: 0 }, plane(0))).rejects.toMatchObject({ code: 'digest-shape' })
  })

  it('is refused with planes missing, unless it says so', async () => {
    const acq = await begin()
    await acq.plane({ z: 1 }, plane(9))
    await expect(acq.end()).rejects.toMatchObject({ code: 'digest-shape', what: '2 of 3 planes never came.' })
    const ended = await acq.end({ incomplete: true })
    await bims.save(join(folder, 'part.tif'), ended)
    const { acquisitions } = await inspect(join(folder, 'part.tif'))
    const columns = (acquisitions[0]?.planes as { columns: readonly { name: string; values: readonly unknown[] }[] })
      .columns
    expect(columns.find(({ name }) => name === 'recordedAt')?.values.map(at => at === null)).toEqual([
      true,
      false,
      true
    ])
  })

  const strange: readonly (readonly [string, unknown])[] = [
    ['axes without lengths', { axes: ['y', 'x'], shape: [4], dtype: 'uint8' }],
    ['y and x elsewhere', { axes: ['x', 'y'], shape: [4, 4], dtype: 'uint8' }],
    ['an axis twice', { axes: ['z', 'z', 'y', 'x'], shape: [1, 1, 4, 4], dtype: 'uint8' }],
    ['no length', { axes: ['y', 'x'], shape: [0, 4], dtype: 'uint8' }],
    ['half a length', { axes: ['y', 'x'], shape: [1.5, 4], dtype: 'uint8' }],
    ['lengths beyond all disks', { axes: ['z', 'y', 'x'], shape: [2 ** 30, 2 ** 30, 2 ** 30], dtype: 'uint8' }],
    ['a type that is none', { axes: ['y', 'x'], shape: [4, 4], dtype: 'uint12' }]
  ]
  it.each(strange)('does not begin with %s', async (_, image) => {
    const scope = await bims.instrument({ maker: 'Acme', model: 'X1' })
    expect(() => scope.begin(image as AcquiredImage)).toThrow(expect.objectContaining({ code: 'digest-shape' }))
  })

  it('leaves the object that it was given alone', async () => {
    const image = Object.freeze({ ...stack })
    const [first, second] = [await begin(image), await begin(image)]
    first.pixelSize({ x: nm(100) })
    first.pixelSize({ y: nm(100) })
    for (const acq of [first, second]) for (const z of [0, 1, 2]) await acq.plane({ z }, plane(z))
    expect((await first.end()).sealed.acquisition.record.image.pixelSize).toEqual({ x: nm(100), y: nm(100) })
    expect((await second.end()).sealed.acquisition.record.image).not.toHaveProperty('pixelSize')
    expect(image).not.toHaveProperty('pixelSize')
  })

  it('tells what a plane was taken with, set and measured, and no mixture of units', async () => {
    const acq = await begin()
    await acq.plane({ z: 0 }, plane(0), { exposure: { set: ms(50), measured: ms(50.1) } })
    await expect(acq.plane({ z: 1 }, plane(0), { 'exposure.set': nm(3) })).rejects.toMatchObject({
      code: 'unit-unknown'
    })
  })

  it('says at the end that a plane could not be stored, though nobody waited for it', async () => {
    await writeFile(join(folder, 'file'), '')
    const acq = new AcquisitionRecorder(
      { maker: 'Acme', model: 'X1' },
      stack,
      join(folder, 'file', 'journal'),
      production
    )
    for (const z of [0, 1, 2]) acq.plane({ z }, plane(z)).catch(() => undefined)
    await expect(acq.end()).rejects.toMatchObject({ code: 'file-missing' })
  })

  it('is given up with nothing left', async () => {
    const acq = await begin()
    void acq.plane({ z: 0 }, plane(0))
    await acq.cancel()
    expect(await readdir(journal())).toEqual([])
  })
})

describe('what an acquisition tells of persons', () => {
  const personal = /alice|jane/i

  it('stands in no record, and in the file of its owner', async () => {
    const acq = await begin()
    acq.channel(0, { modality: 'light', excitation: nm(488), 'acme:operatorName': 'Alice', 'acme:dither': 3 })
    acq.setting('operator', 'Alice')
    acq.setting('specimen.name', 'Jane Doe')
    acq.setting('acme:savedTo', 'C:\\Users\\alice\\run7')
    acq.setting('acme:objective', '20x/0.8')
    for (const z of [0, 1, 2]) await acq.plane({ z }, plane(z), { comment: `Alice saw ${z}`, 'stage.temperature': 37 })
    acq.native('acme-ini', '[User]\nName=Alice\n')
    const ended = await acq.end()
    const records = [ended.sealed.acquisition, ended.sealed.instrument]
    for (const record of records) expect(JSON.stringify(record?.record)).not.toMatch(personal)
    expect(JSON.stringify(records)).toContain('20x/0.8')
    await bims.save(join(folder, 'own.tif'), ended)
    const report = await inspect(join(folder, 'own.tif'))
    expect(report.acquisitions[0]?.settings).toMatchObject({
      operator: 'Alice',
      'specimen.name': 'Jane Doe',
      'acme:savedTo': 'C:\\Users\\alice\\run7'
    })
    expect(report.acquisitions[0]?.channels[0]?.path).toMatchObject({ 'acme:operatorName': 'Alice', 'acme:dither': 3 })
    const bundle = parseBundle(await extract(join(folder, 'own.tif')))
    if (isLeft(bundle)) throw new Error(bundle.left.what)
    expect(JSON.stringify(bundle.right.bundle.records)).not.toMatch(personal)
    expect(
      Buffer.concat(bundle.right.bundle.attachments.map(({ bytes = '' }) => Buffer.from(bytes, 'base64'))).toString()
    ).toContain('Alice saw 2')
  })

  it('does not move a table of planes that tells of nobody', async () => {
    const acq = await begin()
    for (const z of [0, 1, 2]) await acq.plane({ z }, plane(z), { 'stage.temperature': 37 })
    expect((await acq.end()).sealed.acquisition.record.planes).toHaveProperty('columns')
  })
})
