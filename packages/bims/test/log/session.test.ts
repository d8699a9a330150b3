import { nm, parseBundle, stepsOf, type ReadBundle } from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { extract, openBims, replay, verify, type Bims, type LogSession } from '../../src/index.ts'
import { parseLog } from '../../src/log/read-log.ts'
import { production } from '../../src/production.ts'
import { listing, newIdentity, newWorkspace, type Workspace } from '../workspace.ts'

let workspace: Workspace
let bims: Bims
const at = (name: string): string => workspace.at(name)
beforeEach(async () => {
  workspace = await newWorkspace()
  bims = await openBims({ outbox: at('outbox') })
})
afterEach(() => workspace.remove())

const host = { name: 'test host', version: '1' }
const read = async (file: string): Promise<ReadBundle> => {
  const bundle = parseBundle(await extract(file))
  if (isLeft(bundle)) throw new Error(bundle.left.what)
  return bundle.right
}
const operations = async (log: LogSession): Promise<readonly string[]> =>
  (await parseLog(await log.bytes(), 'session.py', production)).log.steps.map(({ operation }) => operation.id)

describe('a log', () => {
  it('keeps the order of calls that nobody waits for', async () => {
    const log = bims.log({ host, file: at('own.py') })
    const raw = log.open('raw', at('cells.tif'))
    const slow = log.step('skimage.filters.gaussian', { image: raw }, { sigma: 2 })
    log.set(raw, 'display', { min: 0, max: 9 })
    const quick = log.step('skimage.filters.sobel', { image: raw })
    log.set(raw, 'display', { min: 1, max: 9 })
    expect(await operations(log)).toEqual([
      'skimage.filters.gaussian',
      'bims.display',
      'skimage.filters.sobel',
      'bims.display'
    ])
    expect([(await slow).step, (await quick).step]).toEqual([0, 2])
    await log.close()
    expect(await readFile(at('own.py'), 'utf8')).toBe(await log.text())
  })

  it('names results by their operation where nothing else is said', async () => {
    const log = bims.log({ host })
    const raw = log.open('raw', at('cells.tif'))
    const names = [
      await log.step('skimage.filters.sobel', { image: raw }),
      await log.step('skimage.filters.sobel', { image: raw })
    ].map(({ name }) => name)
    expect(names).toEqual(['sobel', 'sobel_2'])
  })

  it('takes a step back: its variable is again what it was', async () => {
    const log = bims.log({ host, file: at('own.py') })
    const raw = log.open('raw', at('cells.tif'))
    const first = await log.step('skimage.filters.gaussian', { image: raw }, { sigma: 1 }, undefined, { as: 'image' })
    const second = await log.step('skimage.filters.sobel', { image: first }, {}, undefined, { as: 'image' })
    const restored = await log.undo(second, first)
    expect(await restored?.value()).toBe(await first.value())
    const saved = await bims.save(at('image.tif'), restored ?? raw)
    expect(saved.macro).toMatchObject({ steps: 3, proof: 'replayed' })
    expect(saved.macro?.kept).toBeLessThan(3)
    await expect(bims.save(at('second.tif'), second)).rejects.toMatchObject({ code: 'output-unknown' })
    await expect(log.undo(raw)).rejects.toMatchObject({ code: 'log-grammar' })
    await log.close()
  })

  it('goes on after a step that was refused', async () => {
    const log = bims.log({ host })
    const raw = log.open('raw', at('cells.tif'))
    await expect(log.step('skimage.filters.gaussian', { image: raw }, { sigma: -1 })).rejects.toMatchObject({
      code: expect.stringMatching(/^operation-/)
    })
    await expect(log.step('acme.unknown', { image: raw })).rejects.toMatchObject({ code: 'operation-unknown' })
    await expect(
      log.step('acme.fails', { image: raw }, {}, () => {
        throw new Error('no')
      })
    ).rejects.toThrow('no')
    const sobel = await log.step('skimage.filters.sobel', { image: raw })
    expect(await operations(log)).toEqual(['skimage.filters.sobel'])
    await bims.save(at('sobel.tif'), sobel)
  })

  it('does not hide at saving what nobody waited for', async () => {
    const log = bims.log({ host })
    const raw = log.open('raw', at('cells.tif'))
    const sobel = await log.step('skimage.filters.sobel', { image: raw })
    log.open('other', at('nowhere.tif'))
    const before = await listing(workspace.folder)
    await expect(bims.save(at('sobel.tif'), sobel)).rejects.toMatchObject({ code: 'file-missing' })
    expect(await listing(workspace.folder)).toEqual(before)
  })

  it('does not hide at saving a display that cannot be logged', async () => {
    const log = bims.log({ host })
    const raw = log.open('raw', at('cells.tif'))
    const sobel = await log.step('skimage.filters.sobel', { image: raw })
    log.set(raw, 'display', { 'not a name': 1 })
    await expect(bims.save(at('sobel.tif'), sobel)).rejects.toMatchObject({ code: 'log-grammar' })
  })

  it('is never written over another', async () => {
    await writeFile(at('own.py'), 'precious')
    const log = bims.log({ host, file: at('own.py') })
    const raw = log.open('raw', at('cells.tif'))
    await expect(log.settled()).rejects.toMatchObject({ code: 'file-exists' })
    await expect(
      log.step('skimage.filters.sobel', { image: raw }).then(sobel => bims.save(at('sobel.tif'), sobel))
    ).rejects.toMatchObject({ code: 'file-exists' })
    expect(await readFile(at('own.py'), 'utf8')).toBe('precious')
  })

  it('tells why it cannot be written', async () => {
    const log = bims.log({ host, file: at('nowhere/own.py') })
    await expect(log.settled()).rejects.toMatchObject({ code: 'file-missing' })
  })
})

describe('an attachment', () => {
  it('is saved with the image that it made, and not with others', async () => {
    const { identity, root } = await newIdentity(workspace)
    const own = await openBims({ outbox: at('outbox'), identity })
    const log = own.log({ host })
    const raw = log.open('raw', at('cells.tif'))
    const strokes = log.attach({
      strokes: [
        [1, 2],
        [3, 4]
      ]
    })
    const mask = log.attach(Uint8Array.of(1, 2, 3), 'image/x-mask')
    // Before the step of which nobody knows what it does, so that it cannot depend on it.
    const edges = await log.step('skimage.filters.sobel', { image: raw }, {}, undefined, { as: 'edges' })
    const given: unknown[] = []
    const painted = await log.step(
      'acme.paint',
      { image: raw },
      { strokes, mask },
      ({ image }, parameters) => {
        given.push(parameters['strokes'], parameters['mask'])
        if (image === undefined) throw new Error('no image')
        return image
      },
      { as: 'painted' }
    )
    expect(given).toEqual([
      {
        strokes: [
          [1, 2],
          [3, 4]
        ]
      },
      Uint8Array.of(1, 2, 3)
    ])
    await own.save(at('painted.tif'), painted)
    await own.save(at('edges.tif'), edges)
    const bundle = await read(at('painted.tif'))
    expect(bundle.bundle.attachments.map(({ bytes }) => Buffer.from(bytes ?? '', 'base64').toString())).toEqual(
      expect.arrayContaining(['{"strokes":[[1,2],[3,4]]}', '\u0001\u0002\u0003'])
    )
    const steps = stepsOf(bundle)
    expect(
      isLeft(steps)
        ? steps.left
        : steps.right.at(-1)?.attachments?.map(({ digest, mediaType, name }) => [name, mediaType, digest])
    ).toEqual(
      expect.arrayContaining([
        ['strokes', 'application/json', strokes.digest],
        ['mask', 'image/x-mask', mask.digest]
      ])
    )
    expect(JSON.stringify((await read(at('edges.tif'))).bundle.attachments)).not.toContain(strokes.digest)
    expect(
      (await verify(at('painted.tif'), { trust: [root] })).checks.filter(({ status }) => status === 'fail')
    ).toEqual([])
  })
})

describe('a saved image of a log', () => {
  it('is signed, verified and replayed, with the acquisition of its input', async () => {
    const { identity, root } = await newIdentity(workspace)
    const own = await openBims({ outbox: at('outbox'), identity })
    const acq = (await own.instrument({ maker: 'Acme', model: 'X1' })).begin({
      axes: ['y', 'x'],
      shape: [8, 8],
      dtype: 'uint16'
    })
    acq.channel(0, { modality: 'light', excitation: nm(488) })
    await acq.plane(
      {},
      Uint16Array.from({ length: 64 }, (_, i) => i * 7)
    )
    const first = await own.save(at('raw.ome.tif'), await acq.end())
    const log = own.log({ host })
    const raw = log.open('raw', at('raw.ome.tif'))
    const eroded = await log.step('skimage.morphology.erosion', { image: raw }, {}, undefined, { as: 'eroded' })
    const saved = await own.save(at('eroded.ome.tif'), eroded)
    expect(saved).toMatchObject({
      signedBy: expect.stringContaining('carol'),
      macro: { kept: 1, steps: 1, proof: 'replayed' }
    })
    const bundle = await read(at('eroded.ome.tif'))
    expect(bundle.bundle.manifest.acquisitions).toEqual((await read(at('raw.ome.tif'))).bundle.manifest.acquisitions)
    expect(bundle.bundle.manifest.sources).toMatchObject([{ name: 'raw', manifest: first.manifest }])
    expect((await verify(at('eroded.ome.tif'), { trust: [root] })).verdict).toBe('verified')
    const play = replay(at('eroded.ome.tif'), { steps: new Set() })
    for await (const step of play) expect(step.status).toBe('skipped')
    await play.save(at('skipped.ome.tif'), { identity, outbox: at('outbox') })
    expect((await read(at('skipped.ome.tif'))).bundle.manifest.replayOf).toMatchObject({
      manifest: saved.manifest,
      changed: [{ step: 0, parameter: '*' }]
    })
    await play.close()
  })

  it('replaces a file only where it may', async () => {
    const log = bims.log({ host })
    const sobel = await log.step('skimage.filters.sobel', { image: log.open('raw', at('cells.tif')) })
    await bims.save(at('sobel.tif'), sobel)
    await expect(bims.save(at('sobel.tif'), sobel)).rejects.toMatchObject({ code: 'file-exists' })
    await bims.save(at('sobel.tif'), sobel, { overwrite: true })
  })
})
