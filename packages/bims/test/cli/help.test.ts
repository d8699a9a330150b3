import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bims, cells, listing, run, writeImage } from '../workspace.ts'

const commands = [
  'audit',
  'demo',
  'digest',
  'extract',
  'find',
  'inspect',
  'network',
  'purge',
  'receipt',
  'release',
  'replay',
  'restore',
  'save',
  'share',
  'slice',
  'strip',
  'submit',
  'supersede',
  'verify',
  'withdraw'
]

describe('help', () => {
  it('lists the commands of the contract, and no other', async () => {
    const { code, err, out } = await bims('--help')
    expect([code, err]).toEqual([0, ''])
    const listed = [...out.matchAll(/^  ([a-z]+) /gm)].map(([, command]) => command).filter(name => name !== 'help')
    expect(listed.toSorted()).toEqual(commands)
  })

  it.each(commands)('of %s shows an example and its flags', async command => {
    const { code, err, out } = await bims(command, '--help')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(new RegExp(`Example:\n  \\$ bims ${command}`))
    expect(out).toContain('--json')
  })

  it('tells the version', async () => {
    const { code, out } = await bims('--version')
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/)])
  })

  it('stands on standard error where no command is given', async () => {
    const { code, err, out } = await bims()
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('Usage: bims')
  })
})

describe('wrong words', () => {
  const wrong: readonly (readonly [string, string, ...string[]])[] = [
    ['an unknown command', 'frobnicate'],
    ['an unknown flag', 'verify', 'x.tif', '--frobnicate'],
    ['a file too many', 'inspect', 'a.tif', 'b.tif'],
    ['a file too few', 'inspect'],
    ['a flag without its value', 'slice', 'x.py', '--output'],
    ['a required flag that is left out', 'slice', 'x.py'],
    ['save without a target', 'save', 'x.tif'],
    ['save with two targets', 'save', 'x.tif', '--to', 'y.tif', '--in-place'],
    ['steps that are no range', 'replay', 'x.tif', '--steps', '3-1'],
    ['steps without end', 'replay', 'x.tif', '--steps', '0-999999999'],
    ['an input without a file', 'replay', 'x.tif', '--input', 'raw'],
    ['a change without a parameter', 'replay', 'x.tif', '--set', 'sigma=1'],
    ['a tolerance that is no number', 'replay', 'x.tif', '--tolerance', 'much'],
    ['an empty tolerance', 'replay', 'x.tif', '--tolerance', ''],
    ['a negative tolerance', 'replay', 'x.tif', '--tolerance=-1'],
    ['something else to do with a network', 'network', 'sideways'],
    ['two identities', 'save', 'x.tif', '--to', 'y.tif', '--as', 'org1/alice', '--identity', 'z.pem']
  ]

  it.each(wrong)('%s: usage, exit 2, one JSON value', async (_, command, ...words) => {
    const { code, err, json } = await bims(command, '--json', ...words)
    expect(json()).toEqual({
      error: { code: 'usage', what: expect.stringMatching(/\S/), advice: expect.stringMatching(/\S/) }
    })
    expect([code, err]).toEqual([2, ''])
  })

  it('stands in words on standard error without --json', async () => {
    const { code, err, out } = await bims('verify')
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('[usage]')
  })
})

describe('an interrupted run', () => {
  it('ends with 130 and one JSON value', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bims-test-'))
    try {
      await writeImage(join(folder, 'a.tif'), cells())
      const before = await listing(folder)
      for (const words of [
        ['digest', join(folder, 'a.tif')],
        ['save', join(folder, 'a.tif'), '--to', join(folder, 'b.tif'), '--outbox', join(folder, 'box')]
      ]) {
        const { code, json } = await run([...words, '--json'], { signal: AbortSignal.abort() })
        expect([code, json().error?.code]).toEqual([130, 'interrupted'])
      }
      expect(await listing(folder)).toEqual(before)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
