import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bims, listing, makeMask, newIdentity, newWorkspace, type Workspace } from '../workspace.ts'

// save → extract → verify → replay on a log written by hand, and what each prints with --json.
describe('the chain of commands', () => {
  let workspace: Workspace
  let who: { readonly identity: string; readonly root: string }
  let saved: string

  beforeAll(async () => {
    workspace = await newWorkspace()
    who = await newIdentity(workspace)
    saved = workspace.at('mask.bims.tif')
    const mask = await makeMask(workspace)
    const { code, json } = await bims(
      'save',
      mask,
      '--log',
      workspace.at('session.py'),
      '--output',
      'mask',
      '--to',
      saved,
      '--identity',
      who.identity,
      '--outbox',
      workspace.at('outbox'),
      '--json'
    )
    expect(code).toBe(0)
    const result = json()
    expect(result).toMatchObject({
      file: saved,
      manifest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      macro: { kept: 4, steps: 5, proof: 'replayed' },
      signedBy: expect.stringContaining('carol'),
      warnings: []
    })
    expect(result.images).toHaveLength(1)
    expect(result.queued).toHaveLength(2)
    expect(result.queued).toContain(result.manifest)
  })
  afterAll(() => workspace.remove())

  it('inspects a file', async () => {
    const { code, json } = await bims('inspect', workspace.at('cells.tif'), '--json')
    expect(code).toBe(0)
    const report = json()
    expect(report).toMatchObject({
      adapter: expect.any(String),
      acquisitions: expect.any(Array),
      coverage: { native: expect.any(Number), mapped: expect.any(Number), carried: expect.any(Number) },
      warnings: expect.any(Array)
    })
    expect(report).toHaveProperty('instrument')
    for (const tier of ['essential', 'recommended', 'full']) {
      expect(report.completeness[tier]).toMatchObject({
        present: expect.any(Number),
        applicable: expect.any(Number),
        missing: expect.any(Array)
      })
    }
  })

  it('digests the pixels as they stand in the manifest', async () => {
    const { code, json } = await bims('digest', saved, '--json')
    expect(code).toBe(0)
    const bundle = (await bims('extract', saved)).json()
    expect(json().images).toEqual(bundle.manifest.images)
    expect(json().images[0]).toMatchObject({
      name: '0',
      series: 0,
      role: 'data',
      axes: ['y', 'x'],
      shape: [120, 160],
      dtype: 'uint8',
      digest: expect.stringMatching(/^bims-pixels-1:/),
      content: expect.any(String)
    })
  })

  it('slices the log', async () => {
    const { code, json } = await bims('slice', workspace.at('session.py'), '--output', 'mask', '--json')
    expect(code).toBe(0)
    expect(json()).toMatchObject({
      macro: { schema: 'bims.macro/1' },
      kept: [0, 2, 3, 4],
      dropped: [{ step: 1, reason: 'unrelated' }]
    })
  })

  it('extracts the bytes of the bundle, with and without --json', async () => {
    const plain = await bims('extract', saved)
    const asJson = await bims('extract', saved, '--json')
    expect(plain.code).toBe(0)
    expect(asJson.out).toBe(plain.out)
    expect(asJson.json()).toMatchObject({ schema: 'bims.bundle/1' })
    expect((await readFile(saved)).includes(plain.out)).toBe(true)
  })

  it('verifies', async () => {
    const { code, json } = await bims('verify', saved, '--trust', who.root, '--json')
    expect(json()).toMatchObject({ verdict: 'verified', trust: 'single-party' })
    expect(code).toBe(0)
    expect(
      json()
        .checks.map(({ name }: { name: string }) => name)
        .sort()
    ).toEqual(['ledger', 'manifest', 'pixels', 'receipt', 'redaction', 'signature'])
    for (const check of json().checks) {
      expect(['pass', 'fail', 'not-checked']).toContain(check.status)
      expect(check.why).not.toBe('')
    }
  })

  it('cannot answer without a trusted root, nor about a file without a bundle', async () => {
    const untrusted = await bims('verify', saved, '--json')
    expect(untrusted.json()).toMatchObject({ verdict: 'incomplete', trust: 'none' })
    expect(untrusted.code).toBe(3)
    const bare = await bims('verify', workspace.at('cells.tif'), '--json')
    expect(bare.json()).toMatchObject({ verdict: 'incomplete' })
    expect(bare.code).toBe(3)
  })

  it('replays to the recorded digest', async () => {
    const { code, json } = await bims('replay', saved, '--json')
    const report = json()
    expect(report.steps.map(({ index, status }: { index: number; status: string }) => [index, status])).toEqual([
      [0, 'ran'],
      [2, 'ran'],
      [3, 'ran'],
      [4, 'equal']
    ])
    expect(report.outputs).toMatchObject([
      { name: 'mask', equal: true, digest: expect.any(String), recorded: report.outputs[0].digest }
    ])
    expect(code).toBe(0)
  })

  it('replays with a changed parameter, and saves what came of it with its own history', async () => {
    const before = (await bims('extract', saved)).json()
    const { code, json } = await bims(
      'replay',
      saved,
      '--set',
      '0.sigma=4.5',
      '--to',
      workspace.at('replayed'),
      '--identity',
      who.identity,
      '--outbox',
      workspace.at('outbox'),
      '--json'
    )
    expect(code).toBe(0)
    expect(json()).toMatchObject({ comparable: false, saved: [workspace.at('replayed/mask.ome.tif')] })
    const { manifest, records } = (await bims('extract', workspace.at('replayed/mask.ome.tif'))).json()
    expect(manifest.replayOf).toMatchObject({ changed: [{ step: 0, parameter: 'sigma' }], inputs: [] })
    expect(manifest.replayOf.manifest).toMatch(/^sha256:/)
    expect(manifest.macro).not.toBe(before.manifest.macro)
    expect(JSON.stringify(records)).toContain('4.5')
    const verified = await bims('verify', workspace.at('replayed/mask.ome.tif'), '--trust', who.root, '--json')
    expect(verified.json().verdict).toBe('verified')
  })

  it('replays on another image', async () => {
    const { cells, writeImage } = await import('../workspace.ts')
    await writeImage(
      workspace.at('other.tif'),
      cells().map(sample => 65_535 - sample)
    )
    const { code, json } = await bims('replay', saved, '--input', `raw=${workspace.at('other.tif')}`, '--json')
    expect(json()).toMatchObject({ comparable: false, outputs: [{ equal: false }] })
    expect(code).toBe(0)
  })

  it('lets steps be chosen', async () => {
    const { json } = await bims('replay', saved, '--steps', '0,2-3', '--json')
    expect(json().steps.map(({ status }: { status: string }) => status)).toEqual(['ran', 'ran', 'ran', 'skipped'])
  })

  it('takes the bundle away again', async () => {
    const { copyFile } = await import('node:fs/promises')
    await copyFile(saved, workspace.at('stripped.tif'))
    const { code, json } = await bims('strip', workspace.at('stripped.tif'), '--json')
    expect(json()).toMatchObject({ file: workspace.at('stripped.tif') })
    expect(code).toBe(0)
    const files = await listing(workspace.folder)
    expect(files['stripped.tif']).toBe(files['mask.tif'])
  })

  it('saves in place, unsigned where nobody signs, and says so', async () => {
    const { copyFile } = await import('node:fs/promises')
    await copyFile(workspace.at('cells.tif'), workspace.at('own.tif'))
    const { code, json } = await bims(
      'save',
      workspace.at('own.tif'),
      '--in-place',
      '--network',
      workspace.at('nowhere'),
      '--json'
    )
    expect([code, json().error?.code]).toEqual([2, 'file-missing'])
    const unsigned = await bims(
      'save',
      workspace.at('own.tif'),
      '--in-place',
      '--outbox',
      workspace.at('outbox'),
      '--json'
    )
    expect(unsigned.json()).toMatchObject({
      file: workspace.at('own.tif'),
      queued: [],
      warnings: [expect.stringContaining('nobody signed')]
    })
    expect(unsigned.json()).not.toHaveProperty('signedBy')
    const verified = await bims('verify', workspace.at('own.tif'), '--json')
    expect([verified.code, verified.json().verdict]).toEqual([3, 'incomplete'])
  })
})
