import { openEditable } from '@bims/adapters/sources/file'
import { createWhole } from '@bims/adapters/sources/whole-file'
import { detectContainer } from '@bims/adapters/containers'
import {
  canonicalBytes,
  idOf,
  isBimsError,
  isJsonObject,
  parseCanonical,
  bundleBounds,
  type JsonObject,
  type JsonValue
} from '@bims/core'
import { startEmbedded } from '@bims/network'
import { copyFile, cp, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { NamedArray } from '@bims/player'
import { readPixels } from '../files/read-pixels.ts'
import { withImage } from '../files/open-image.ts'
import { promised, value } from '../promise.ts'
import { writeArray } from '../save/array-file.ts'
import { extract } from '../verify/extract.ts'
import { verify, type VerifyReport } from '../verify/verify.ts'

/** What one act of tampering came to. */
export interface Tampered {
  readonly what: string
  readonly noticed: boolean
  /** What verification says of it. */
  readonly says: string
}

const embed = async (path: string, bundle: Uint8Array): Promise<void> => {
  const file = await promised(openEditable(path))
  try {
    const container = await promised(detectContainer(file))
    await promised(container.embed(file, () => bundle))
  } finally {
    await promised(file.close())
  }
}

const failures = ({ checks, verdict }: VerifyReport): string => {
  const failed = checks.filter(({ status }) => status === 'fail')
  if (failed.length === 0) return `verdict ${verdict}, but no check failed`
  return `${failed.map(({ name }) => name).join(', ')} failed: ${failed.map(({ why }) => why).join('; ')}`
}

const judged = async (what: string, path: string, trust: readonly string[]): Promise<Tampered> => {
  const report = await verify(path, { trust })
  return { what, noticed: report.verdict === 'failed', says: failures(report) }
}

const changedPixel = async (saved: string, copy: string): Promise<void> => {
  const bundle = await extract(saved)
  const pixels: NamedArray = await withImage(saved, async opened => readPixels(opened, 0))
  const data = pixels.array.data.slice()
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const middle = (data.length >> 1) * data.BYTES_PER_ELEMENT
  bytes[middle] = bytes[middle] === 1 ? 0 : 1
  await promised(createWhole(copy, file => writeArray(file, { ...pixels, array: { ...pixels.array, data } })))
  await embed(copy, bundle)
}

const mapped = (node: JsonValue, change: (object: JsonObject) => JsonObject): JsonValue => {
  if (Array.isArray(node)) return node.map((child: JsonValue) => mapped(child, change))
  if (!isJsonObject(node)) return node
  const object = change(node)
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, child]) => (child === undefined ? [] : [[name, mapped(child, change)]]))
  )
}

const sortedRecords = (bundle: JsonValue): JsonValue => {
  if (!isJsonObject(bundle) || !Array.isArray(bundle['records'])) return bundle
  const key = (record: JsonValue): string => (typeof record === 'string' ? record : idOf(canonicalBytes(record)))
  return {
    ...bundle,
    records: bundle['records'].map((record: JsonValue) => record).sort((a, b) => (key(a) < key(b) ? -1 : 1))
  }
}

/** Changes the first object that the test recognises and puts everything into canonical form again, as a careful forger would. */
const changedBundle = async (
  saved: string,
  copy: string,
  change: (object: JsonObject) => JsonObject | undefined
): Promise<void> => {
  let done = false
  const bundle = mapped(value(parseCanonical(await extract(saved), bundleBounds)), object => {
    const changed = done ? undefined : change(object)
    if (changed === undefined) return object
    done = true
    return changed
  })
  await copyFile(saved, copy)
  await embed(copy, canonicalBytes(sortedRecords(bundle)))
}

const flipInBlocks = async (folder: string): Promise<void> => {
  for (const entry of await readdir(folder, { recursive: true })) {
    const path = join(folder, entry)
    const { size } = await stat(path)
    if (!/block/i.test(entry) || !(await stat(path)).isFile() || size < 64) continue
    const handle = await open(path, 'r+')
    try {
      const at = Math.floor(size / 2)
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at)
      await handle.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, at)
    } finally {
      await handle.close()
    }
    return
  }
}

const changedLedger = async (ledger: string, copy: string): Promise<Tampered> => {
  const what = 'one bit of one ledger block'
  await cp(ledger, copy, { recursive: true, filter: source => !/control\.json$|\block$/.test(source) })
  await flipInBlocks(join(copy, 'ledger'))
  try {
    await (await startEmbedded({ dir: copy })).close()
    return { what, noticed: false, says: 'the ledger started' }
  } catch (error) {
    if (!isBimsError(error)) throw error
    return { what, noticed: true, says: `ledger: ${error.what}` }
  }
}

/** Tampers on copies with a pixel, a parameter, a proof and a ledger block; tells what verification says of each. */
export const tamper = async (
  saved: string,
  ledger: string,
  folder: string,
  trust: readonly string[]
): Promise<readonly Tampered[]> => {
  const copy = (name: string): string => join(folder, name)
  await changedPixel(saved, copy('tampered-pixel.tif'))
  await changedBundle(saved, copy('tampered-parameter.tif'), object =>
    object['name'] === 'sigma' && object['value'] === 1.5 ? { ...object, value: 2.5 } : undefined
  )
  await changedBundle(saved, copy('tampered-proof.tif'), object =>
    typeof object['hash'] === 'string' && typeof object['count'] === 'number'
      ? { ...object, hash: object['hash'].replace(/^./, first => (first === '0' ? '1' : '0')) }
      : undefined
  )
  const tampered = await Promise.all([
    judged('one pixel', copy('tampered-pixel.tif'), trust),
    judged('one parameter', copy('tampered-parameter.tif'), trust),
    judged('one proof', copy('tampered-proof.tif'), trust),
    changedLedger(ledger, copy('tampered-ledger'))
  ])
  await rm(copy('tampered-ledger'), { recursive: true, force: true })
  return tampered
}
