import { writeTiff } from '@bims/adapters/containers/tiff/file'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rm, writeFile } from 'node:fs/promises'
import { bims, cells, makeMask, newIdentity, newWorkspace, writeImage, type Run, type Workspace } from '../workspace.ts'

describe('an image that is saved again', () => {
  let workspace: Workspace
  beforeAll(async () => {
    workspace = await newWorkspace()
  })
  afterAll(() => workspace.remove())

  it('keeps what its bundle alone holds: salts of attachments, openings of withheld values', async () => {
    const { identity, root } = await newIdentity(workspace)
    const file = workspace.at('raw.ome.tif')
    const pixelSize = { x: { value: 0.1, unit: 'um' } }
    const written = await writeTiff(
      file,
      { axes: ['y', 'x'], shape: [120, 160], dtype: 'uint16', planes: [cells()] },
      { ome: { name: 'of Jane Doe', pixelSize } }
    )()
    if (isLeft(written)) throw new Error(written.left.what)
    const save = async (...where: readonly string[]): Promise<ReturnType<Run['json']>> => {
      const saved = await bims(
        'save',
        file,
        ...where,
        '--identity',
        identity,
        '--outbox',
        workspace.at('box'),
        '--json'
      )
      expect(saved.code).toBe(0)
      return (await bims('extract', where[1] ?? file)).json()
    }
    const first = await save('--in-place')
    expect([first.attachments.length, first.openings.length]).toEqual([1, 1])
    for (const where of [['--in-place'], ['--to', workspace.at('copy.ome.tif')]]) {
      const again = await save(...where)
      expect(again.records).toEqual(first.records)
      expect([again.attachments, again.openings]).toEqual([first.attachments, first.openings])
      const verified = await bims('verify', where[1] ?? file, '--trust', root, '--json')
      expect(verified.json()).toMatchObject({ verdict: 'verified' })
    }
  })

  const done = async (...words: readonly string[]): Promise<ReturnType<Run['json']>> => {
    const { code, err, json } = await bims(...words)
    expect([code, err]).toEqual([0, expect.anything()])
    return json()
  }
  /** `cells.tif` with native metadata, which stands in the file itself. */
  const rawWithMetadata = async (): Promise<void> => {
    await rm(workspace.at('cells.tif'))
    const written = await writeTiff(
      workspace.at('cells.tif'),
      { axes: ['y', 'x'], shape: [120, 160], dtype: 'uint16', planes: [cells()] },
      { ome: { name: 'of Jane Doe', pixelSize: { x: { value: 0.1, unit: 'um' } } } }
    )()
    if (isLeft(written)) throw new Error(written.left.what)
  }

  it('keeps its macro and sources without the log, while the pixels are the same', async () => {
    const mask = await makeMask(workspace)
    const save = (file: string, ...words: readonly string[]): Promise<ReturnType<Run['json']>> =>
      done('save', file, ...words, '--outbox', workspace.at('box'), '--json')
    const first = await save(mask, '--log', workspace.at('session.py'), '--to', workspace.at('first.tif'))
    const before = await done('extract', workspace.at('first.tif'))
    for (const words of [['--to', workspace.at('second.tif')], ['--in-place']]) {
      const again = await save(workspace.at('first.tif'), ...words)
      expect(again.macro).toEqual(first.macro)
      const after = await done('extract', words[1] ?? workspace.at('first.tif'))
      expect(after.records).toEqual(before.records)
      expect([after.attachments, after.openings]).toEqual([before.attachments, before.openings])
      expect(after.manifest).toMatchObject({
        macro: before.manifest.macro,
        sources: before.manifest.sources,
        software: before.manifest.software
      })
    }
    expect((await bims('verify', workspace.at('second.tif'), '--json')).json().verdict).not.toBe('failed')
    expect((await bims('replay', workspace.at('second.tif'), '--json')).code).toBe(0)
  })

  it('loses them, and says so, where the pixels were changed meanwhile', async () => {
    const { out } = await bims('extract', workspace.at('first.tif'))
    await writeImage(workspace.at('other.tif'), cells().reverse())
    await writeFile(workspace.at('other.tif.bims.json'), out.trim())
    const again = await done('save', workspace.at('other.tif'), '--to', workspace.at('other2.tif'), '--json')
    expect(again.macro).toBeUndefined()
    expect(again.warnings).toContainEqual(expect.stringContaining('the macro and the sources of those were left out'))
    expect((await done('extract', workspace.at('other2.tif'))).manifest).toMatchObject({ sources: [] })
  })

  it('gives what its records name to the images that are made from it', async () => {
    await rawWithMetadata()
    const box = ['--outbox', workspace.at('box'), '--json']
    const derive = async (to: string): Promise<ReturnType<Run['json']>> => {
      await done(
        'save',
        workspace.at('mask.tif'),
        '--log',
        workspace.at('session.py'),
        '--to',
        workspace.at(to),
        ...box
      )
      expect((await bims('verify', workspace.at(to), '--json')).json().verdict).not.toBe('failed')
      return done('extract', workspace.at(to))
    }
    const unsaved = await derive('from-unsaved.tif')
    await done('save', workspace.at('cells.tif'), '--in-place', ...box)
    const raw = await done('extract', workspace.at('cells.tif'))
    const saved = await derive('from-saved.tif')
    const digests = (bundle: typeof raw): string[] => bundle.attachments.map((one: { digest: string }) => one.digest)
    expect(raw.attachments).toHaveLength(1)
    expect(raw.attachments[0].bytes).toBeUndefined()
    expect(digests(saved)).toEqual(expect.arrayContaining(digests(raw)))
    const [native] = saved.attachments.filter((one: { digest: string }) => digests(raw).includes(one.digest))
    expect(Buffer.from(native.bytes, 'base64').toString()).toContain('PhysicalSizeX')
    expect(saved.openings).toEqual(expect.arrayContaining(raw.openings))
    // As much as where nobody had saved it before.
    expect([saved.attachments.length, saved.openings.length]).toEqual([
      unsaved.attachments.length,
      unsaved.openings.length
    ])
    const once = await derive('again.tif')
    expect(digests(once)).toEqual(digests(saved))
  })
})
