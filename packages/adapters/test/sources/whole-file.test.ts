import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { newError } from '@bims/core'
import { left } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { editableHandle } from '../../src/sources/file.ts'
import { createWhole, writeWhole } from '../../src/sources/whole-file.ts'
import { error, value } from '../containers/tiff/results.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bims-whole-'))))
afterEach(() => rmSync(folder, { recursive: true }))

async function* slowly(...texts: readonly string[]) {
  for (const text of texts) {
    await setTimeout(1)
    yield bytes(text)
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('writes chunks as they come and leaves nothing else', async () => {
  await value(writeWhole(join(folder, 'a'), slowly('one ', 'two')))
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('one two')
  expect(readdirSync(folder)).toEqual(['a'])
})

test('an output that exists is kept, unless it may be replaced', async () => {
  const path = join(folder, 'a')
  writeFileSync(path, 'old')
  expect((await error(writeWhole(path, [bytes('new')]))).code).toBe('file-exists')
  expect(readFileSync(path, 'utf8')).toBe('old')
  await value(writeWhole(path, [bytes('new')], { overwrite: true }))
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(readdirSync(folder)).toEqual(['a'])
})

test('a file that comes into being meanwhile is not replaced', async () => {
  const path = join(folder, 'a')
  const failure = await error(
    writeWhole(
      path,
      (function* () {
        yield bytes('new')
        writeFileSync(path, 'other')
      })()
    )
  )
  expect(failure.code).toBe('file-exists')
  expect(readFileSync(path, 'utf8')).toBe('other')
  expect(readdirSync(folder)).toEqual(['a'])
})

test('a source that fails leaves the old file or none', async () => {
  const failing = (function* () {
    yield bytes('half')
    throw new Error('camera unplugged')
  })()
  expect((await error(writeWhole(join(folder, 'a'), failing))).what).toBe('camera unplugged')
  expect(readdirSync(folder)).toEqual([])
  writeFileSync(join(folder, 'b'), 'old')
  const refused = createWhole(
    join(folder, 'b'),
    () => () => Promise.resolve(left(newError('disk-full', 'full', 'make room'))),
    { overwrite: true }
  )
  expect((await error(refused)).code).toBe('disk-full')
  expect(readdirSync(folder)).toEqual(['b'])
  expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('old')
})

test('a missing folder is told, and a full disk', async context => {
  expect((await error(writeWhole(join(folder, 'none/a'), [bytes('x')]))).code).toBe('file-missing')
  if (!existsSync('/dev/full')) return context.skip('no /dev/full on this machine')
  const handle = await open('/dev/full', 'w')
  const failure = await error(editableHandle(handle, '/dev/full', 0).write(0, bytes('x')))
  await handle.close()
  expect([failure.code, failure._tag]).toEqual(['disk-full', 'Io'])
})

test('a protected file is not replaced', async context => {
  if (process.getuid?.() === 0) return context.skip('the superuser may write everywhere')
  const path = join(folder, 'a')
  writeFileSync(path, 'old')
  chmodSync(path, 0o444)
  expect((await error(writeWhole(path, [bytes('new')], { overwrite: true }))).code).toBe('file-permission')
})

test('killed at any moment, the output is whole or absent', async () => {
  const path = join(folder, 'big')
  const module = fileURLToPath(new URL('../../src/sources/whole-file.ts', import.meta.url))
  const program = `import { writeWhole } from ${JSON.stringify(module)}
    process.stdout.write('go')
    for (let i = 0; ; i++) await writeWhole(${JSON.stringify(path)}, Array.from({ length: 8 }, () => new Uint8Array(65536).fill(i)), { overwrite: true })()`
  for (let run = 0; run < 6; run++) {
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module-typescript', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    await new Promise(resolve => child.stdout.once('data', resolve))
    await setTimeout(5 + run * 7)
    child.kill('SIGKILL')
    await new Promise(resolve => child.once('exit', resolve))
    if (!existsSync(path)) continue
    expect(statSync(path).size).toBe(8 * 65_536)
    const content = readFileSync(path)
    expect(content.every(byte => byte === content[0])).toBe(true)
  }
}, 300_000)
