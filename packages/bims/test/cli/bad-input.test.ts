import { writeSidecar } from '@bims/adapters/containers/sidecar'
import type { BimsErrorCode } from '@bims/core'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { promised } from '../../src/promise.ts'
import { bims, listing, makeMask, newIdentity, newWorkspace, type Workspace } from '../workspace.ts'

// A real Fabric that this machine may have is not to be started here.
vi.stubEnv('FABRIC_BIN', '/nowhere')

let workspace: Workspace
const at = (name: string): string => workspace.at(name)
let identity: string

/** A classic TIFF of one directory, little-endian, whose next directory is `next`. */
const tinyTiff = (
  entries: readonly (readonly [tag: number, type: number, count: number, value: number])[],
  next: number
): Buffer => {
  const bytes = Buffer.alloc(8 + 2 + entries.length * 12 + 4 + 16)
  bytes.write('II*\0', 0, 'latin1')
  bytes.writeUInt32LE(8, 4)
  bytes.writeUInt16LE(entries.length, 8)
  entries.forEach(([tag, type, count, value], i) => {
    bytes.writeUInt16LE(tag, 10 + i * 12)
    bytes.writeUInt16LE(type, 12 + i * 12)
    bytes.writeUInt32LE(count, 14 + i * 12)
    bytes.writeUInt32LE(value, 18 + i * 12)
  })
  bytes.writeUInt32LE(next, 10 + entries.length * 12)
  return bytes
}

const plain = [
  [256, 3, 1, 4],
  [257, 3, 1, 4],
  [258, 3, 1, 8],
  [259, 3, 1, 1],
  [262, 3, 1, 1],
  [273, 4, 1, 8],
  [277, 3, 1, 1],
  [278, 3, 1, 4],
  [279, 4, 1, 16]
] as const

beforeAll(async () => {
  workspace = await newWorkspace()
  identity = (await newIdentity(workspace)).identity
  await makeMask(workspace)
  const saved = await bims(
    'save',
    at('mask.tif'),
    '--log',
    at('session.py'),
    '--to',
    at('saved.tif'),
    '--identity',
    identity,
    '--outbox',
    at('outbox')
  )
  expect(saved.code).toBe(0)
  await writeFile(at('cyclic.tif'), tinyTiff(plain, 8))
  await writeFile(at('truncated.tif'), (await readFile(at('cells.tif'))).subarray(0, 100))
  await writeFile(at('cut.tif'), (await readFile(at('cells.tif'))).subarray(0, 20_000))
  await writeFile(
    at('forged.tif'),
    tinyTiff(
      plain.map(([tag, type, count, value]) => (tag === 273 ? [273, 4, 0x7fffffff, 8] : [tag, type, count, value])),
      0
    )
  )
  await writeFile(
    at('huge.tif'),
    tinyTiff(
      plain.map(([tag, type, count, value]) =>
        tag === 256 || tag === 257 ? [tag, 4, 1, 0x7fffffff] : [tag, type, count, value]
      ),
      0
    )
  )
  await writeFile(at('text.tif'), 'not an image at all\n')
  await writeFile(at('empty.tif'), '')
  await mkdir(at('folder.tif'))
  await writeFile(at('broken.py'), 'def (:\n  ???\n')
  await writeFile(at('notes.txt'), 'dear diary')
  await writeFile(at('binary.py'), Buffer.from([0, 255, 254, 0, 1]))
  await writeFile(at('newer.py'), '"""\n:schema: bims.log/2\n"""\n')
  await writeFile(at('garbage.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  await writeFile(at('roots.pem'), 'no certificate')
  await mkdir(at('network'))
  await writeFile(at('network/profile.json'), '{"what": 1}')
  // Bundles in sidecars, which stand for any place.
  const sidecar = async (name: string, bytes: Uint8Array): Promise<void> => {
    await cp(at('cells.tif'), at(name))
    await promised(writeSidecar(at(name), bytes, { overwrite: false }))
  }
  const bundle = (await bims('extract', at('saved.tif'))).out
  await sidecar('foreign.tif', Buffer.from('{"hello":"world"}'))
  await sidecar('garbage.tif', Buffer.from([1, 2, 3]))
  await sidecar('newer.tif', Buffer.from(bundle.replace('"schema":"bims.bundle/1"', '"schema":"bims.bundle/2"')))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await workspace.remove()
})

interface Case {
  readonly what: string
  readonly words: () => readonly string[]
  readonly code: BimsErrorCode
  readonly exit?: number
}

const save =
  (...words: readonly string[]) =>
  (): readonly string[] => {
    const [image = '', ...more] = words
    return [
      'save',
      at(image),
      ...more.map(word => (word.startsWith('@') ? at(word.slice(1)) : word)),
      '--outbox',
      at('outbox')
    ]
  }

const cases: readonly Case[] = [
  ...['inspect', 'digest', 'verify', 'extract', 'strip', 'replay'].flatMap((command): readonly Case[] => [
    { what: `${command}: a missing file`, words: () => [command, at('nowhere.tif')], code: 'file-missing' },
    {
      what: `${command}: a path below a file`,
      words: () => [command, at('cells.tif/below.tif')],
      code: 'file-missing'
    },
    { what: `${command}: a folder`, words: () => [command, at('folder.tif')], code: 'file-io' },
    { what: `${command}: no image`, words: () => [command, at('text.tif')], code: 'container-unknown' },
    { what: `${command}: an empty file`, words: () => [command, at('empty.tif')], code: 'container-unknown' },
    { what: `${command}: a cyclic TIFF`, words: () => [command, at('cyclic.tif')], code: 'tiff-malformed' },
    { what: `${command}: a truncated TIFF`, words: () => [command, at('truncated.tif')], code: 'tiff-malformed' }
  ]),
  { what: 'digest: pixels that are cut off', words: () => ['digest', at('cut.tif')], code: 'tiff-malformed' },
  { what: 'digest: a forged count', words: () => ['digest', at('forged.tif')], code: 'tiff-malformed' },
  { what: 'digest: a forged size', words: () => ['digest', at('huge.tif')], code: 'tiff-malformed' },
  { what: 'save: pixels that are cut off', words: save('cut.tif', '--to', '@out.tif'), code: 'tiff-malformed' },
  {
    what: 'save: a log that is not Python',
    words: save('mask.tif', '--log', '@broken.py', '--to', '@out.tif'),
    code: 'log-not-python'
  },
  {
    what: 'save: a log of bytes',
    words: save('mask.tif', '--log', '@binary.py', '--to', '@out.tif'),
    code: 'log-not-python'
  },
  {
    what: 'save: a log that nobody knows',
    words: save('mask.tif', '--log', '@notes.txt', '--to', '@out.tif'),
    code: 'log-unknown'
  },
  {
    what: 'save: a newer log',
    words: save('mask.tif', '--log', '@newer.py', '--to', '@out.tif'),
    code: 'record-major'
  },
  {
    what: 'save: no log there',
    words: save('mask.tif', '--log', '@nowhere.py', '--to', '@out.tif'),
    code: 'file-missing'
  },
  {
    what: 'save: no such image in the log',
    words: save('mask.tif', '--log', '@session.py', '--output', 'nothing', '--to', '@out.tif'),
    code: 'output-unknown'
  },
  {
    what: 'save: the output exists',
    words: save('mask.tif', '--log', '@session.py', '--to', '@cells.tif'),
    code: 'file-exists'
  },
  { what: 'save: onto itself', words: save('mask.tif', '--to', '@mask.tif'), code: 'file-exists' },
  { what: 'save: the output is a folder', words: save('mask.tif', '--to', '@folder.tif'), code: 'file-exists' },
  {
    what: 'save: a folder that is not there',
    words: save('mask.tif', '--to', '@nowhere/out.tif'),
    code: 'file-missing'
  },
  {
    what: 'save: a place that cannot be written',
    words: save('mask.tif', '--to', '@cells.tif/out.tif'),
    code: 'file-missing'
  },
  {
    what: 'save: an acquisition that is not there',
    words: save('mask.tif', '--acquisition', '@nowhere.tif', '--to', '@out.tif'),
    code: 'file-missing'
  },
  {
    what: 'save: an identity file that is garbage',
    words: save('mask.tif', '--identity', '@garbage.pem', '--to', '@out.tif'),
    code: 'identity-malformed'
  },
  {
    what: 'save: an identity file that is no text',
    words: save('mask.tif', '--identity', '@binary.py', '--to', '@out.tif'),
    code: 'identity-malformed'
  },
  {
    what: 'save: no identity file',
    words: save('mask.tif', '--identity', '@nowhere.pem', '--to', '@out.tif'),
    code: 'file-missing'
  },
  {
    what: 'save: a user without a network',
    words: save('mask.tif', '--as', 'org1/alice', '--to', '@out.tif'),
    code: 'identity-missing'
  },
  {
    what: 'save: a profile that is garbage',
    words: save('mask.tif', '--as', 'org1/alice', '--network', '@network', '--to', '@out.tif'),
    code: 'profile-malformed'
  },
  {
    what: 'save: an outbox below a file',
    words: () => [
      'save',
      at('mask.tif'),
      '--identity',
      identity,
      '--to',
      at('out.tif'),
      '--outbox',
      at('cells.tif/box')
    ],
    code: 'file-io'
  },
  { what: 'save: a bundle that is not ours', words: save('foreign.tif', '--to', '@out.tif'), code: 'bundle-foreign' },
  {
    what: 'slice: a log that is not Python',
    words: () => ['slice', at('broken.py'), '--output', 'mask'],
    code: 'log-not-python'
  },
  { what: 'slice: a folder', words: () => ['slice', at('folder.tif'), '--output', 'mask'], code: 'file-io' },
  {
    what: 'slice: no such image',
    words: () => ['slice', at('session.py'), '--output', 'nothing'],
    code: 'output-unknown'
  },
  { what: 'extract: no bundle', words: () => ['extract', at('cells.tif')], code: 'bundle-missing' },
  { what: 'strip: no bundle', words: () => ['strip', at('cells.tif')], code: 'bundle-missing' },
  { what: 'replay: no bundle', words: () => ['replay', at('cells.tif')], code: 'bundle-missing' },
  {
    what: 'submit: no bundle',
    words: () => ['submit', at('cells.tif'), '--identity', identity, '--outbox', at('outbox')],
    code: 'bundle-missing'
  },
  { what: 'verify: a bundle that is not ours', words: () => ['verify', at('foreign.tif')], code: 'bundle-foreign' },
  { what: 'replay: a bundle that is not ours', words: () => ['replay', at('foreign.tif')], code: 'bundle-foreign' },
  { what: 'verify: a bundle of bytes', words: () => ['verify', at('garbage.tif')], code: 'bundle-foreign' },
  { what: 'verify: a newer bundle', words: () => ['verify', at('newer.tif')], code: 'record-major' },
  { what: 'replay: a newer bundle', words: () => ['replay', at('newer.tif')], code: 'record-major' },
  {
    what: 'submit: a newer bundle',
    words: () => ['submit', at('newer.tif'), '--identity', identity, '--outbox', at('outbox')],
    code: 'record-major'
  },
  {
    what: 'verify: roots that are none',
    words: () => ['verify', at('saved.tif'), '--trust', at('roots.pem')],
    code: 'certificate-invalid'
  },
  {
    what: 'verify: roots that are not there',
    words: () => ['verify', at('saved.tif'), '--trust', at('nowhere.pem')],
    code: 'file-missing'
  },
  {
    what: 'verify: a network without a profile',
    words: () => ['verify', at('saved.tif'), '--network', at('nowhere')],
    code: 'file-missing'
  },
  {
    what: 'verify: a profile that is garbage',
    words: () => ['verify', at('saved.tif'), '--network', at('network')],
    code: 'profile-malformed'
  },
  {
    what: 'replay: an input that is not there',
    words: () => ['replay', at('saved.tif'), '--input', `raw=${at('nowhere.tif')}`],
    code: 'file-missing'
  },
  {
    what: 'replay: an input of another name',
    words: () => ['replay', at('saved.tif'), '--input', `x=${at('cells.tif')}`],
    code: 'usage'
  },
  {
    what: 'replay: a step that is not there',
    words: () => ['replay', at('saved.tif'), '--set', '77.sigma=1'],
    code: 'usage'
  },
  {
    what: 'replay: a parameter that is not there',
    words: () => ['replay', at('saved.tif'), '--set', '0.nothing=1'],
    code: 'usage'
  },
  {
    what: 'replay: an executor of a later version',
    words: () => ['replay', at('saved.tif'), '--executor', 'python'],
    code: 'executor-unavailable'
  },
  {
    what: 'replay: an executor that nobody knows',
    words: () => ['replay', at('saved.tif'), '--executor', 'abacus'],
    code: 'executor-unavailable'
  },
  {
    what: 'replay: a folder below a file',
    words: () => ['replay', at('saved.tif'), '--to', at('cells.tif/out')],
    code: 'file-missing'
  },
  {
    what: 'network status: a folder without one',
    words: () => ['network', 'status', '--dir', at('nowhere')],
    code: 'network-not-running',
    exit: 3
  },
  {
    what: 'network down: a folder without one',
    words: () => ['network', 'down', '--dir', at('nowhere')],
    code: 'network-not-running',
    exit: 3
  },
  {
    what: 'network up: a folder below a file',
    words: () => ['network', 'up', '--dir', at('cells.tif/net')],
    code: 'file-missing'
  },
  {
    what: "network up: Fabric without Fabric's programs",
    words: () => ['network', 'up', '--fabric', '--dir', at('net')],
    code: 'fabric-missing'
  },
  { what: 'demo: no such file', words: () => ['demo', at('nowhere.tif'), '--to', at('demo')], code: 'file-missing' },
  { what: 'demo: no image', words: () => ['demo', at('text.tif'), '--to', at('demo')], code: 'container-unknown' },
  {
    what: 'demo: a folder that is there',
    words: () => ['demo', at('cells.tif'), '--to', at('network')],
    code: 'file-exists'
  },
  {
    what: 'demo: a folder below a file',
    words: () => ['demo', at('cells.tif'), '--to', at('cells.tif/demo')],
    code: 'file-missing'
  }
]

describe('bad input', () => {
  it.each(cases)('$what: $code', async ({ code, exit = 2, words }) => {
    const before = await listing(workspace.folder)
    const run = await bims(...words(), '--json')
    const { error } = run.json()
    expect(error).toMatchObject({ code, what: expect.stringMatching(/\S/), advice: expect.stringMatching(/\S/) })
    expect(run.code).toBe(exit)
    // Progress may stand there on a slow machine; the error stands on standard output only.
    expect(run.err).not.toContain(error.what)
    expect(await listing(workspace.folder)).toEqual(before)
    const inWords = await bims(...words())
    expect([inWords.code, inWords.out]).toEqual([exit, ''])
    expect(inWords.err).toContain(`[${code}]`)
    expect(inWords.err).toContain(error.advice)
  })

  it('a missing input of a replay: typed, with the name of what is missing', async () => {
    await mkdir(at('elsewhere'))
    await cp(at('saved.tif'), at('elsewhere/saved.tif'))
    const { code, json } = await bims('replay', at('elsewhere/saved.tif'), '--json')
    expect(code).toBe(2)
    expect(json().error).toMatchObject({ code: 'input-missing', issues: [{ at: 'raw' }] })
  })

  it('inspects a file whose bundle is not ours, and warns', async () => {
    const { code, json } = await bims('inspect', at('foreign.tif'), '--json')
    expect(code).toBe(0)
    expect(json().warnings.join()).toMatch(/bundle/)
  })
})
