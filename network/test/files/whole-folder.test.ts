import { readlinkSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { writeWholeFolder } from '../../src/files/whole-file.ts'

const files = [
  { path: 'a.pem', text: 'a' },
  { path: join('deep', 'er', 'key'), text: 'secret', mode: 0o600 }
]

describe('a folder that is written whole', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-folder-'))
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await rm(dir, { recursive: true })
  })

  it.skipIf(process.platform !== 'linux')(
    'is on the disk, every file and every folder, before it has its name',
    async () => {
      const probe = await open(join(dir, 'probe'), 'w')
      const prototype = Object.getPrototypeOf(probe) as FileHandle
      await probe.close()
      const synced: string[] = []
      // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own handle below
      const { sync } = prototype
      vi.spyOn(prototype, 'sync').mockImplementation(function (this: FileHandle) {
        synced.push(relative(dir, readlinkSync(`/proc/self/fd/${this.fd}`)))
        return sync.call(this)
      })
      await writeWholeFolder(join(dir, 'whole'), join(dir, '.tmp'), files)
      const before = ['a.pem', 'deep/er/key', '', 'deep', 'deep/er'].map(path => join('.tmp', path).replace(/\/$/, ''))
      expect(new Set(synced.slice(0, -1))).toEqual(new Set(before))
      expect(synced.at(-1)).toBe('')
    }
  )

  it('holds what it is to hold, and nothing that an interrupted run left', async () => {
    await mkdir(join(dir, '.tmp', 'deep'), { recursive: true })
    await writeFile(join(dir, '.tmp', 'a.pem'), 'half')
    await writeFile(join(dir, '.tmp', 'stale'), 'x')
    await writeWholeFolder(join(dir, 'whole'), join(dir, '.tmp'), files)
    expect((await readdir(dir)).sort()).toEqual(['whole'])
    expect((await readdir(join(dir, 'whole'), { recursive: true })).sort()).toEqual([
      'a.pem',
      'deep',
      'deep/er',
      'deep/er/key'
    ])
    expect(await readFile(join(dir, 'whole', 'a.pem'), 'utf8')).toBe('a')
    expect((await stat(join(dir, 'whole', 'deep', 'er', 'key'))).mode & 0o777).toBe(0o600)
  })
})
