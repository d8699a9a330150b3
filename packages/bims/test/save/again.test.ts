import { writeTiff } from '@bims/adapters/containers/tiff/file'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bims, cells, newIdentity, newWorkspace, type Run, type Workspace } from '../workspace.ts'

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
})
