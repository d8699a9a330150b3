import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as E from 'fp-ts/lib/Either.js'
import { takeLock, systemProcesses, type Processes } from '../../src/file/lock.ts'
import { nodeFileSystem } from '../../src/file/node-file-system.ts'
import { mayRun, thisProcess } from '../../src/file/process-identity.ts'
import { expectLeft, expectRight } from '../stub/records.ts'

let dir: string
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'bims-lock-'))))
afterEach(() => rm(dir, { recursive: true, force: true }))
const take = (processes: Processes = systemProcesses) =>
  takeLock(nodeFileSystem, processes, join(dir, 'locks'), 'outbox-locked')
const dead: Processes = { self: () => ({ ...thisProcess(), pid: 2 ** 30 }), mayRun }

describe('takeLock', () => {
  it('is held by one at a time', async () => {
    const lock = expectRight(await take())
    expect(expectLeft(await take()).code).toBe('outbox-locked')
    await lock.release()
    expectRight(await take())
  })

  it('is taken over from a process that is gone, by one of many', async () => {
    for (let round = 0; round < 10; round++) {
      expectRight(await takeLock(nodeFileSystem, dead, join(dir, `${round}`), 'outbox-locked'))
      const taken = await Promise.all(
        Array.from({ length: 20 }, () =>
          takeLock(nodeFileSystem, systemProcesses, join(dir, `${round}`), 'outbox-locked')
        )
      )
      expect(taken.filter(E.isRight)).toHaveLength(1)
      expect(await readdir(join(dir, `${round}`))).toHaveLength(1)
    }
  })

  it('is not taken from a process on another machine, nor where the file is unknown', async () => {
    const away: Processes = { self: () => ({ ...thisProcess(), host: 'another', pid: 2 ** 30 }), mayRun }
    expectRight(await take(away))
    expect(expectLeft(await take()).code).toBe('outbox-locked')
    await rm(join(dir, 'locks'), { recursive: true })
    expectRight(await take(dead))
    await writeFile(join(dir, 'locks', 'lock.1'), 'nonsense')
    expect(expectLeft(await take()).code).toBe('outbox-locked')
  })
})

describe('mayRun', () => {
  it('tells this process from one that had its number before', () => {
    expect(mayRun(thisProcess())).toBe(true)
    if (process.platform === 'linux') expect(mayRun({ ...thisProcess(), start: '1' })).toBe(false)
    expect(mayRun({ ...thisProcess(), boot: '' })).toBe(true)
    for (const pid of [0, -1, Number.NaN, 2 ** 30]) expect(mayRun({ ...thisProcess(), pid })).toBe(false)
  })
})
