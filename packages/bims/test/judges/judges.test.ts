import { strip } from '../../src/save/strip.ts'
import { saveFile } from '../../src/save/save-file.ts'
import type { SaveResult } from '../../src/save/save-result.ts'
import { verify } from '../../src/verify/verify.ts'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { imagej } from './imagej.ts'
import { fromRoot, sha256, type Judge, type Judgement } from './judge.ts'
import { libtiff } from './libtiff.ts'
import { changeFile, madeWithTifffile, makeWithTifffile, noTifffile, tifffile } from './tifffile.ts'

const judges: readonly Judge[] = [libtiff, tifffile, imagej]
const samplesFolder = fromRoot('../shared/samples')
const isTiff = /\.(?:tiff?|btf)(?:\.gz)?$/i

const samplePaths = existsSync(samplesFolder)
  ? readdirSync(samplesFolder, { recursive: true, encoding: 'utf8' })
      .filter(path => isTiff.test(path))
      .sort()
      .map(path => join(samplesFolder, path))
  : []

/** Files that ImageJ without plugins opens neither before nor after: BigTIFF, and TIFF in compressed tiles. */
const refusedByImageJ: readonly string[] = ['big-endian.btf', 'jpeg-rgb.tif', 'pyramid.ome.tif']

/** Files into which nothing may be embedded: Micro-Manager wrote an index map into this one. */
const sidecars: readonly string[] = ['mm14_Pos_000_000.ome.tif']

const folder = mkdtempSync(join(tmpdir(), 'bims-judged-'))
const newFolder = (...names: readonly string[]): string => {
  const path = join(folder, ...names)
  mkdirSync(path, { recursive: true })
  return path
}

/** A file before and after it was saved; the same name in two folders, for judges that say it. */
interface Saved {
  readonly name: string
  readonly before: string
  readonly after: string
  readonly result: SaveResult
}

const names: readonly string[] = [
  ...samplePaths.map(path => basename(path).replace(/\.gz$/, '')),
  ...(noTifffile === undefined ? madeWithTifffile : [])
]
const saved: Saved[] = []
const table = new Map<string, Record<string, string>>()
const note = (name: string, column: string, word: string): void => {
  table.set(name, { ...table.get(name), [column]: word })
}

beforeAll(async () => {
  const [from, to] = [newFolder('before'), newFolder('after')]
  for (const path of samplePaths) {
    const name = basename(path).replace(/\.gz$/, '')
    if (path.endsWith('.gz')) writeFileSync(join(from, name), gunzipSync(readFileSync(path)))
    else writeFileSync(join(from, name), readFileSync(path))
  }
  if (noTifffile === undefined) await makeWithTifffile(from)
  for (const name of names) {
    const [before, after] = [join(from, name), join(to, name)]
    const result = await saveFile(before, { target: { to: after }, outbox: join(folder, 'outbox') })
    saved.push({ name, before, after, result })
    note(name, 'place', result.sidecar === undefined ? 'embedded' : 'sidecar')
  }
}, 120_000)

afterAll(() => {
  const columns = ['place', ...judges.map(({ name }) => name), 'strip']
  const width = Math.max(...names.map(name => name.length), 4) + 2
  const row = (name: string, cells: readonly string[]): string =>
    name.padEnd(width) + cells.map(cell => cell.padEnd(14)).join('')
  const rows = [...table].map(([name, cells]) =>
    row(
      name,
      columns.map(column => cells[column] ?? '–')
    )
  )
  console.log(['', ...versions, '', row('file', columns), ...rows, ''].join('\n'))
  rmSync(folder, { recursive: true })
})
const versions: string[] = []

test('all files of the issue are there to be judged', context => {
  if (samplePaths.length === 0) context.skip('NOT JUDGED: the folder of samples is absent')
  if (noTifffile !== undefined) context.skip(`NOT JUDGED: files made with tifffile: ${noTifffile}`)
  expect(saved.length).toBeGreaterThanOrEqual(13)
  expect(new Set(names).size).toBe(names.length)
  expect(saved.filter(({ result }) => result.sidecar !== undefined).map(({ name }) => name)).toEqual(sidecars)
})

const word = (before: Judgement, after: Judgement): string => {
  if ('refused' in before && 'refused' in after) return before.refused === after.refused ? 'refused-both' : 'differs'
  return 'said' in before && 'said' in after && before.said === after.said ? 'equal' : 'differs'
}

/** The first line in which two judgements differ, short enough to be read. */
const difference = (before: Judgement, after: Judgement): string => {
  const [a, b] = [before, after].map(one => ('said' in one ? one.said : `refused: ${one.refused}`).split(/\n|(?<=\],)/))
  const i = a?.findIndex((line, at) => line !== b?.[at]) ?? -1
  return `${a?.[i]?.slice(0, 300) ?? '(end)'} → ${b?.[i]?.slice(0, 300) ?? '(end)'}`
}

test.for(judges)('$name says the same before and after', { timeout: 240_000 }, async (judge, context) => {
  if (saved.length === 0) context.skip('NOT JUDGED: no files')
  if (judge.missing !== undefined) {
    for (const { name } of saved) note(name, judge.name, 'skipped')
    versions.push(`${judge.name}: NOT JUDGED, ${judge.missing}`)
    return context.skip(`NOT JUDGED by ${judge.name}: ${judge.missing}`)
  }
  versions.push(await judge.version())
  const [before, after] = [
    await judge.judge(
      saved.map(one => one.before),
      newFolder('scratch', judge.name, 'before')
    ),
    await judge.judge(
      saved.map(one => one.after),
      newFolder('scratch', judge.name, 'after')
    )
  ]
  const refused: Judgement = { refused: 'said nothing' }
  for (const [i, { name }] of saved.entries()) note(name, judge.name, word(before[i] ?? refused, after[i] ?? refused))
  const differences = saved.flatMap(({ name }, i) => {
    const [a, b] = [before[i] ?? refused, after[i] ?? refused]
    return word(a, b) === 'differs' ? [`${name}: ${difference(a, b)}`] : []
  })
  expect(differences).toEqual([])
  // What it refuses is known, so that a judge that does not work is no judge.
  const refusals = saved.filter((_, i) => 'refused' in (before[i] ?? refused)).map(({ name }) => name)
  expect(refusals.sort()).toEqual(judge === imagej ? refusedByImageJ.filter(name => names.includes(name)) : [])
})

test.for(judges)(
  '$name notices one changed sample and one changed tag',
  { timeout: 120_000 },
  async (judge, context) => {
    if (judge.missing !== undefined) return context.skip(`NOT JUDGED by ${judge.name}: ${judge.missing}`)
    if (noTifffile !== undefined) return context.skip(`NOT JUDGED: files made with tifffile: ${noTifffile}`)
    const name = 'plain.ome.tif'
    const files = (['as it is', 'sample', 'tag'] as const).map(what =>
      join(newFolder('changed', judge.name, what), name)
    )
    for (const file of files) copyFileSync(join(folder, 'after', name), file)
    await changeFile('sample', files[1] ?? '')
    await changeFile('tag', files[2] ?? '')
    const [same, sample, tag] = await judge.judge(files, newFolder('scratch', judge.name, 'changed'))
    const known = (await judge.judge([join(folder, 'before', name)], newFolder('scratch', judge.name, 'unchanged')))[0]
    expect(known).toHaveProperty('said')
    expect(same).toEqual(known)
    expect(sample).not.toEqual(known)
    expect(tag).not.toEqual(known)
  }
)

test.for(names)('%s: its pixels verify, and stripped it is the old file', async name => {
  const one = saved.find(each => each.name === name)
  expect(one).toBeDefined()
  if (one === undefined) return
  const copy = join(newFolder('stripped'), name)
  const { after, before, result } = one
  if (result.sidecar !== undefined) {
    expect(sha256(after)).toBe(sha256(before))
    copyFileSync(result.sidecar, `${copy}.bims.json`)
  } else expect(sha256(after)).not.toBe(sha256(before))
  copyFileSync(after, copy)
  const report = await verify(copy)
  expect(
    report.checks
      .filter(check => ['pixels', 'manifest'].includes(check.name))
      .map(check => [check.name, check.status, check.why])
  ).toEqual([
    ['pixels', 'pass', expect.anything()],
    ['manifest', 'pass', expect.anything()]
  ])
  await strip(copy)
  const equal = sha256(copy) === sha256(before)
  note(name, 'strip', equal ? 'equal' : 'differs')
  expect(equal).toBe(true)
  expect(readdirSync(join(folder, 'stripped')).filter(each => each.startsWith(name))).toEqual([name])
})
