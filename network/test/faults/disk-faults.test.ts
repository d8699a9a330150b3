import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { compileDiskFaults, whyNoDiskFaults, type DiskFaults } from '../../../tools/faults/disk-faults.ts'
import { choices, ModelDisk } from '../../../tools/faults/power-cut.ts'
import type { Call } from '../../../tools/faults/trace.ts'
import { killAtPoints, trialFolder } from '../soak/kill-points.ts'
import { cutPower } from '../soak/power-cuts.ts'
import { chainSubject, outboxSubject, restrictedSubject, type Subject } from '../soak/subjects.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const faults: DiskFaults | undefined = await compileDiskFaults()
if (faults === undefined) console.warn(`kill points and power cuts: ${whyNoDiskFaults}`)

// The short forms of `pnpm soak kill-points` and `pnpm soak power-cut`.
describe.skipIf(faults === undefined)('kill -9 and power cuts', () => {
  let dir: string
  let subjects: readonly Subject[]
  const next = Math.random
  const said: string[] = []
  const say = (line: string): void => void said.push(line)

  beforeAll(async () => {
    dir = await trialFolder('victims')
    subjects = [await chainSubject(dir), await outboxSubject(dir)]
  })
  afterAll(async () => {
    await rm(dir, { recursive: true })
    await faults?.close()
  })
  const given = (): DiskFaults => {
    if (faults === undefined) throw new Error(whyNoDiskFaults)
    return faults
  }

  it('a kill at a write, fsync, rename, link, unlink or truncate loses nothing that was acknowledged and doubles nothing', async () => {
    for (const subject of subjects) {
      const report = await killAtPoints({ faults: given(), subject, stride: 13, random: 4, next, say })
      expect(report.wrong).toEqual([])
      expect(report.kills).toBeGreaterThan(report.points / 13)
    }
  })

  it('a kill of a ledger loses no restricted record, and brings none back that was purged', async () => {
    const subject = restrictedSubject(2)
    const report = await killAtPoints({ faults: given(), subject, from: 520, stride: 160, random: 0, next, say })
    expect(report.wrong).toEqual([])
    expect(report.kills).toBeGreaterThan(0)
  })

  it('a disk that is full or fails loses nothing that was acknowledged', async () => {
    for (const subject of subjects) {
      for (const calls of [1, 1_000_000]) {
        const acts = ['ENOSPC', 'EIO'] as const
        const report = await killAtPoints({ faults: given(), subject, stride: 25, random: 1, next, say, acts, calls })
        expect(report.wrong).toEqual([])
        expect(report.runs).toBeGreaterThan(3)
      }
    }
  })

  it('a power cut before any call leaves everything that was acknowledged, whatever of the rest it leaves', async () => {
    for (const subject of subjects) {
      const report = await cutPower({ faults: given(), subject, stride: 11, again: 40, next, say })
      expect(report.wrong).toEqual([])
      expect(report.cuts).toBeGreaterThan(50)
    }
  })

  it('finds a program out that leaves out its fsyncs: the trial can fail', async () => {
    for (const subject of subjects) {
      for (const letter of ['S', 'F'] as const) {
        const without = ({ call }: { readonly call: string }): boolean => call === letter
        const report = await cutPower({ faults: given(), subject, stride: 12, again: 0, next, say, without })
        expect(report.wrong.join('\n')).toMatch(/acknowledged|not as they were written|not open/)
      }
    }
  })
})

describe('the model of a disk', () => {
  it('moves with a folder what it holds, durable as far as the folder was', async () => {
    const base = await trialFolder('model')
    const left = async (synced: boolean, name: string): Promise<readonly string[]> => {
      const disk = new ModelDisk('/d')
      const calls: readonly Call[] = [
        { call: 'M', file: '1', path: '/d/new' },
        { call: 'C', file: '2', path: '/d/new/file' },
        { call: 'S', file: '2' },
        ...(synced ? [{ call: 'F', path: '/d/new' } as const] : []),
        { call: 'R', from: '/d/new', to: '/d/there' },
        { call: 'F', path: '/d' }
      ]
      for (const call of calls) disk.play(call)
      await mkdir(join(base, name))
      await disk.cut(choices(Math.random)[0]!, join(base, name))
      return (await readdir(join(base, name), { recursive: true })).sort()
    }
    expect(await left(true, 'synced')).toEqual(['there', 'there/file'])
    expect(await left(false, 'not')).toEqual(['there'])
    await rm(base, { recursive: true })
  })
})
