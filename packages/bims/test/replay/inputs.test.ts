import { mkdir, rename, symlink } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBims, replay } from '../../src/index.ts'
import { bims, makeMask, newWorkspace, type Workspace } from '../workspace.ts'

let workspace: Workspace
const at = (name: string): string => workspace.at(name)
beforeEach(async () => {
  workspace = await newWorkspace()
  for (const folder of ['logs', 'images/deep', 'elsewhere']) await mkdir(at(folder), { recursive: true })
})
afterEach(() => workspace.remove())

/** Saves an image of a session whose log, input and image stand in three folders. */
const saveApart = async (): Promise<string> => {
  const own = await openBims({ outbox: at('outbox') })
  const log = own.log({ host: { name: 'test host', version: '1' }, file: at('logs/own.py') })
  const raw = log.open('raw', at('cells.tif'))
  const sobel = await log.step('skimage.filters.sobel', { image: raw })
  await own.save(at('images/deep/sobel.tif'), sobel)
  expect(await log.text()).toContain("imread('../cells.tif')")
  await log.close()
  return at('images/deep/sobel.tif')
}

const statuses = async (file: string, inputs: Readonly<Record<string, string>> = {}): Promise<readonly string[]> => {
  const play = replay(file, { inputs })
  const found: string[] = []
  try {
    for await (const { status } of play) found.push(status)
  } finally {
    await play.close()
  }
  return found
}

describe('the inputs of a replay are found', () => {
  it('where log, input and image stand in different folders', async () => {
    expect(await statuses(await saveApart())).toEqual(['equal'])
  })

  it('where the program saved the image away from the log', async () => {
    const mask = await makeMask(workspace)
    await rename(at('session.py'), at('logs/session.py'))
    await rename(at('cells.tif'), at('logs/cells.tif'))
    const to = at('images/deep/mask.bims.tif')
    expect((await bims('save', mask, '--log', at('logs/session.py'), '--output', 'mask', '--to', to)).code).toBe(0)
    expect((await statuses(to)).at(-1)).toBe('equal')
  })

  it('where all folders were moved together, or are reached through a link', async () => {
    const saved = await saveApart()
    await symlink(at('images/deep'), at('elsewhere/short'))
    expect(await statuses(at('elsewhere/short/sobel.tif'))).toEqual(['equal'])
    await mkdir(at('moved'))
    await rename(at('images'), at('moved/images'))
    await rename(at('cells.tif'), at('moved/cells.tif'))
    expect(await statuses(saved.replace(at('images'), at('moved/images')))).toEqual(['equal'])
  })

  it('beside the image, where both were moved into one folder', async () => {
    await rename(await saveApart(), at('elsewhere/sobel.tif'))
    await rename(at('cells.tif'), at('elsewhere/cells.tif'))
    expect(await statuses(at('elsewhere/sobel.tif'))).toEqual(['equal'])
  })

  it('where the reader says, whatever was recorded', async () => {
    const saved = await saveApart()
    await rename(at('cells.tif'), at('elsewhere/other name.tif'))
    await expect(statuses(saved)).rejects.toMatchObject({
      code: 'input-missing',
      advice: expect.stringContaining('--input')
    })
    expect(await statuses(saved, { raw: at('elsewhere/other name.tif') })).toEqual(['equal'])
    await expect(statuses(saved, { raw: at('nowhere.tif') })).rejects.toMatchObject({ code: 'file-missing' })
  })

  it('again for what a replay saved', async () => {
    const play = replay(await saveApart())
    for await (const step of play) expect(step.status).toBe('equal')
    await play.save(at('elsewhere/again.ome.tif'))
    await play.close()
    expect(await statuses(at('elsewhere/again.ome.tif'))).toEqual(['equal'])
  })
})
