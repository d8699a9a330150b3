import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readSidecar, sidecarPath, writeSidecar } from '../../../src/containers/sidecar/sidecar.ts'
import { error, value } from '../tiff/results.ts'

const folder = mkdtempSync(join(tmpdir(), 'bims-sidecar-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a sidecar is written whole and read again', async () => {
  const path = join(folder, 'image.tif')
  expect(sidecarPath(path)).toBe(`${path}.bims.json`)
  expect(await value(readSidecar(path))).toBeUndefined()
  await value(writeSidecar(path, new TextEncoder().encode('{"a":1}')))
  expect(readFileSync(`${path}.bims.json`, 'utf8')).toBe('{"a":1}')
  expect(new TextDecoder().decode(await value(readSidecar(path)))).toBe('{"a":1}')
  expect((await error(writeSidecar(path, new Uint8Array(3)))).code).toBe('file-exists')
  await value(writeSidecar(path, new TextEncoder().encode('{"a":2}'), { overwrite: true }))
  expect(new TextDecoder().decode(await value(readSidecar(path)))).toBe('{"a":2}')
  expect(readdirSync(folder)).toEqual(['image.tif.bims.json'])
})

test('a folder in the sidecar’s place is an error, not a missing sidecar', async () => {
  writeFileSync(join(folder, 'x.tif'), '')
  expect((await error(readSidecar('\0'))).code).toBe('file-io')
})
