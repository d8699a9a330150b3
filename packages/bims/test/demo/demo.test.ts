import { decode } from 'fast-png'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bims, newWorkspace, type Workspace } from '../workspace.ts'

describe('the demo on a file of one’s own', () => {
  let workspace: Workspace
  let folder: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what the test expects of it is the test
  let result: any
  beforeAll(async () => {
    workspace = await newWorkspace()
    folder = workspace.at('demo')
    const run = await bims('demo', workspace.at('cells.tif'), '--to', folder, '--json')
    expect(run.code, run.out).toBe(0)
    result = run.json()
  })
  afterAll(() => workspace.remove())

  it('comes out as it should, and says where its files are', () => {
    expect(result).toMatchObject({ ok: true, folder, summary: join(folder, 'index.html') })
    expect(Object.keys(result.files)).toEqual(expect.arrayContaining(['raw', 'log', 'saved', 'related']))
  })

  it('notices a pixel, a parameter, a proof and a block', () => {
    expect(result.tampered).toHaveLength(4)
    for (const { noticed, says, what } of result.tampered) {
      expect([what, noticed]).toEqual([what, true])
      expect(says).toMatch(/failed|ledger/)
    }
  })

  it('leaves files that stand on their own', async () => {
    const root = join(folder, 'ledger/organizations/org1/root.pem')
    expect((await bims('verify', result.files.saved, '--trust', root, '--json')).json().verdict).toBe('verified')
    expect((await bims('inspect', result.files.raw, '--json')).code).toBe(0)
    const { json } = await bims('slice', result.files.log, '--output', 'cells', '--json')
    const reasons = new Set(json().dropped.map(({ reason }: { reason: string }) => reason))
    expect([...reasons].sort()).toEqual(['display-only', 'overwritten', 'undone', 'unrelated'])
    expect([...json().kept, ...json().dropped].length).toBeGreaterThanOrEqual(14)
  })

  it('shows pictures that are pictures, on a page that names them and loads nothing from elsewhere', async () => {
    const page = await readFile(result.summary, 'utf8')
    const pictures = (await readdir(folder)).filter(name => name.endsWith('.png'))
    expect(pictures).toEqual(expect.arrayContaining(['after.png', 'before.png']))
    for (const picture of pictures) {
      expect(page).toContain(picture)
      const { height, width } = decode(await readFile(join(folder, picture)))
      expect(width * height).toBeGreaterThan(0)
    }
    expect(page).toMatch(/^<!doctype html>/i)
    expect(page).not.toMatch(/(?:src|href)="https?:/)
  })

  it('does not tell its story into a folder that is there', async () => {
    const before = await readFile(result.summary, 'utf8')
    const { code, json } = await bims('demo', workspace.at('cells.tif'), '--to', folder, '--json')
    expect([code, json().error.code]).toEqual([2, 'file-exists'])
    expect(await readFile(result.summary, 'utf8')).toBe(before)
  })
})
