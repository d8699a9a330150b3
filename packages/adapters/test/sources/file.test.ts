import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openEditable, openFile } from '../../src/sources/file.ts'
import { error, value } from '../containers/tiff/results.ts'

const folder = mkdtempSync(join(tmpdir(), 'bims-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('reads ranges, shorter only at the end', async () => {
  const path = join(folder, 'a.bin')
  writeFileSync(path, Uint8Array.of(0, 1, 2, 3, 4, 5))
  const file = await value(openFile(path))
  expect([file.name, file.size, file.path]).toEqual(['a.bin', 6, path])
  expect([...(await value(file.read(2, 3)))]).toEqual([2, 3, 4])
  expect([...(await value(file.read(4, 100)))]).toEqual([4, 5])
  expect([...(await value(file.read(9, 100)))]).toEqual([])
  // Asking for more than there is must not take more memory than there is.
  expect((await value(file.read(0, 2 ** 52))).length).toBe(6)
  for (const [offset, length] of [
    [-1, 2],
    [0, -1],
    [0.5, 1],
    [0, NaN],
    [2 ** 60, 1]
  ]) {
    expect((await error(file.read(offset ?? 0, length ?? 0))).code).toBe('file-io')
  }
  await value(file.close())
  expect((await error(file.read(0, 1))).code).toBe('file-io')
})

test('says what is wrong with a path', async () => {
  expect((await error(openFile(join(folder, 'none')))).code).toBe('file-missing')
  expect((await error(openFile(join(folder, 'none/deeper')))).code).toBe('file-missing')
  expect((await error(openFile(folder))).code).toBe('file-io')
  expect((await error(openEditable(folder))).code).toBe('file-io')
  const locked = join(folder, 'locked')
  writeFileSync(locked, 'x')
  chmodSync(locked, 0o000)
  // The superuser may read everything.
  if (process.getuid?.() !== 0) expect((await error(openFile(locked))).code).toBe('file-permission')
})

test('a named pipe is refused, not waited for', async context => {
  const pipe = join(folder, 'pipe')
  try {
    execFileSync('mkfifo', [pipe])
  } catch {
    context.skip('no mkfifo on this machine')
  }
  expect((await error(openFile(pipe))).code).toBe('file-io')
})

test('writes in place, grows and shrinks', async () => {
  const path = join(folder, 'edit.bin')
  writeFileSync(path, 'hello')
  const file = await value(openEditable(path))
  await value(file.write(3, new TextEncoder().encode('LO!')))
  await value(file.write(8, new TextEncoder().encode('.')))
  expect(file.size).toBe(9)
  await value(file.sync())
  expect(new TextDecoder().decode(await value(file.read(0, 9)))).toBe('helLO!\0\0.')
  await value(file.truncate(2))
  expect(file.size).toBe(2)
  await value(file.close())
  expect(readFileSync(path, 'utf8')).toBe('he')
})
