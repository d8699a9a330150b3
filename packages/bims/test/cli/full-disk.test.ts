import { chmod, cp, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBims } from '../../src/index.ts'
import { newTinyDisk, type TinyDisk } from '../tiny-disk.ts'
import { bims, listing, makeMask, newIdentity, newWorkspace, type Workspace } from '../workspace.ts'

const cannot = 'this user may not mount a small file system'

describe('a full disk', () => {
  let workspace: Workspace
  let disk: TinyDisk | undefined
  let identity: string
  beforeAll(async () => {
    workspace = await newWorkspace()
    identity = (await newIdentity(workspace)).identity
    await makeMask(workspace)
    disk = await newTinyDisk(24)
  })
  afterAll(async () => {
    await disk?.remove()
    await workspace.remove()
  })

  it('leaves no half of a new file', async ctx => {
    if (disk === undefined) return ctx.skip(cannot)
    // 38 400 bytes of pixels on 24 KiB.
    const { code, json } = await bims(
      'save',
      workspace.at('cells.tif'),
      '--to',
      join(disk.folder, 'cells.tif'),
      '--json'
    )
    expect([code, json().error?.code]).toEqual([2, 'disk-full'])
    expect(await readdir(disk.folder)).toEqual([])
  })

  it('leaves a file that was to be changed in place as it was', async ctx => {
    if (disk === undefined) return ctx.skip(cannot)
    const path = join(disk.folder, 'mask.tif')
    await cp(workspace.at('mask.tif'), path)
    const before = await listing(disk.folder)
    const { code, json } = await bims(
      'save',
      path,
      '--in-place',
      '--log',
      workspace.at('session.py'),
      '--output',
      'mask',
      '--json'
    )
    expect([code, json().error?.code]).toEqual([2, 'disk-full'])
    expect(await listing(disk.folder)).toEqual(before)
  })

  it('leaves no half of a replayed file', async ctx => {
    if (disk === undefined) return ctx.skip(cannot)
    const saved = workspace.at('saved.tif')
    await bims(
      'save',
      workspace.at('mask.tif'),
      '--log',
      workspace.at('session.py'),
      '--to',
      saved,
      '--identity',
      identity,
      '--outbox',
      workspace.at('outbox')
    )
    const before = await listing(disk.folder)
    const { code, json } = await bims(
      'replay',
      saved,
      '--input',
      `raw=${workspace.at('cells.tif')}`,
      '--to',
      disk.folder,
      '--json'
    )
    expect([code, json().error?.code]).toEqual([2, 'disk-full'])
    expect(await listing(disk.folder)).toEqual(before)
  })

  it('is told by the plane that does not fit, which may come again', async ctx => {
    if (disk === undefined) return ctx.skip(cannot)
    const box = await newTinyDisk(24)
    if (box === undefined) return ctx.skip(cannot)
    try {
      const scope = await (await openBims({ outbox: join(box.folder, 'box') })).instrument({ maker: 'Acme' })
      const acq = scope.begin({ axes: ['z', 'y', 'x'], shape: [2, 100, 160], dtype: 'uint8' })
      await acq.plane({ z: 0 }, new Uint8Array(16_000).fill(1))
      await expect(acq.plane({ z: 1 }, new Uint8Array(16_000).fill(2))).rejects.toMatchObject({ code: 'disk-full' })
      await expect(acq.end()).rejects.toMatchObject({ code: 'disk-full' })
      await expect(acq.plane({ z: 1 }, new Uint8Array(16_000).fill(2))).rejects.toMatchObject({ code: 'disk-full' })
      await acq.cancel()
    } finally {
      await box.remove()
    }
  })
})

describe('no permission to write', () => {
  let workspace: Workspace
  beforeAll(async () => {
    workspace = await newWorkspace()
  })
  afterAll(() => workspace.remove())

  it('is told, and nothing is changed', async ctx => {
    if (process.getuid?.() === 0) return ctx.skip('root may write everywhere')
    await chmod(workspace.at('cells.tif'), 0o444)
    await chmod(workspace.folder, 0o555)
    const before = await listing(workspace.folder)
    for (const target of [['--in-place'], ['--to', workspace.at('new.tif')]]) {
      const { code, json } = await bims('save', workspace.at('cells.tif'), ...target, '--json')
      expect([code, json().error?.code]).toEqual([2, 'file-permission'])
    }
    await chmod(workspace.folder, 0o755)
    expect(await listing(workspace.folder)).toEqual(before)
  })

  it('is told on a file system that nobody may write, root neither', async ctx => {
    const { spawnSync } = await import('node:child_process')
    const disk = await newTinyDisk(256)
    if (disk === undefined) return ctx.skip(cannot)
    try {
      const path = join(disk.folder, 'cells.tif')
      await cp(workspace.at('cells.tif'), path)
      if (spawnSync('mount', ['-o', 'remount,ro', disk.folder]).status !== 0)
        return ctx.skip('this user may not remount')
      const { mtimeMs } = await stat(path)
      for (const target of [['--in-place'], ['--to', join(disk.folder, 'new.tif')]]) {
        const { code, json } = await bims('save', path, ...target, '--json')
        expect([code, json().error?.code]).toEqual([2, 'file-permission'])
      }
      // Node calls a read-only file system ENOENT where it makes folders recursively.
      expect((await bims('network', 'up', '--dir', join(disk.folder, 'net'), '--json')).json().error.code).toMatch(
        /^file-(permission|missing)$/
      )
      expect((await bims('demo', path, '--to', join(disk.folder, 'demo'), '--json')).json().error.code).toBe(
        'file-permission'
      )
      expect([await readdir(disk.folder), (await stat(path)).mtimeMs]).toEqual([['cells.tif'], mtimeMs])
    } finally {
      await disk.remove()
    }
  })
})
