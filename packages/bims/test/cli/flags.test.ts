import { errorCodes, isBimsError, type BimsErrorTag } from '@bims/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'
import { errorOf, errorText } from '../../src/cli/io.ts'
import { newProgress } from '../../src/cli/progress.ts'
import { parseChange, parseInputs, parseSteps, parseTolerance } from '../../src/cli/replay-flags.ts'

const thrown = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('steps of a replay', () => {
  it('are ranges and single steps', () => {
    expect([...parseSteps('1-3,5')]).toEqual([1, 2, 3, 5])
    expect([...parseSteps(' 0 , 7-7')]).toEqual([0, 7])
  })

  it('are every range that is one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1000), fc.nat(50)), { minLength: 1, maxLength: 8 }), ranges => {
        const steps = parseSteps(ranges.map(([from, length]) => `${from}-${from + length}`).join(','))
        for (const [from, length] of ranges) for (let i = 0; i <= length; i++) expect(steps.has(from + i)).toBe(true)
        for (const step of steps)
          expect(ranges.some(([from, length]) => step >= from && step <= from + length)).toBe(true)
      })
    )
  })

  it.each([
    '',
    ',',
    '1-',
    '-1',
    '3-1',
    'a',
    '1.5',
    '1,,2',
    '0-999999999',
    '1e3',
    Array.from({ length: 4 }, (_, i) => `${i * 900_000}-${i * 900_000 + 800_000}`).join()
  ])('are not %s', text => {
    expect(thrown(() => parseSteps(text))).toMatchObject({ code: 'usage' })
  })
})

describe('inputs, changes, tolerances', () => {
  it('keep what stands behind the first sign of equality', () => {
    expect(parseInputs(['raw=a=b.tif', 'other=/x y/c.tif'])).toEqual({ raw: 'a=b.tif', other: '/x y/c.tif' })
    expect(parseInputs([])).toEqual({})
  })

  it.each(['raw', '=a.tif', ''])('refuse %s', text => {
    expect(thrown(() => parseInputs([text]))).toMatchObject({ code: 'usage' })
  })

  it('read values as JSON, else as text', () => {
    expect(parseChange('2.sigma=1.5')).toEqual({ step: 2, parameter: 'sigma', value: 1.5 })
    expect(parseChange('0.mode=nearest')).toEqual({ step: 0, parameter: 'mode', value: 'nearest' })
    expect(parseChange('0.key=[1,{"a":null}]')).toEqual({ step: 0, parameter: 'key', value: [1, { a: null }] })
    expect(parseChange('0.text="1"')).toEqual({ step: 0, parameter: 'text', value: '1' })
    expect(parseChange('0.empty=')).toEqual({ step: 0, parameter: 'empty', value: '' })
  })

  it('take what lies outside of the value domain as text', () => {
    expect(parseChange('0.x={"$what":1}').value).toBe('{"$what":1}')
    expect(parseChange('0.x=1e999').value).toBe('1e999')
  })

  it.each(['sigma=1', '2.=1', '2.sigma', '-1.sigma=2', 'x.sigma=2'])('refuse the change %s', text => {
    expect(thrown(() => parseChange(text))).toMatchObject({ code: 'usage' })
  })

  it('never give anything but a change or a typed refusal', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const result = thrown(() => parseChange(text))
        expect(isBimsError(result) ? result.code : typeof result).toMatch(/^(usage|object)$/)
      })
    )
  })

  it('take a tolerance from 0', () => {
    expect([parseTolerance('0'), parseTolerance('1e-6')]).toEqual([0, 1e-6])
    for (const text of ['', ' ', 'x', '-1', 'Infinity', 'NaN'])
      expect(thrown(() => parseTolerance(text))).toMatchObject({ code: 'usage' })
  })
})

describe('exit codes', () => {
  const contract: Readonly<Record<BimsErrorTag, number>> = {
    Malformed: 2,
    Unsupported: 2,
    Refused: 2,
    Missing: 2,
    Io: 2,
    Unavailable: 3,
    Mismatch: 1,
    Interrupted: 130
  }

  it.each(Object.entries(errorCodes))('of %s follow the contract', (_, [tag]) => {
    expect(exitCodeOf(tag)).toBe(contract[tag])
  })
})

describe('an error that no code foresees', () => {
  it('is typed all the same', () => {
    expect(errorOf(new Error('boom'))).toMatchObject({ code: 'unexpected', what: 'boom' })
    expect(errorOf('boom')).toMatchObject({ code: 'unexpected', what: 'boom' })
    expect(errorOf(undefined)).toMatchObject({ code: 'unexpected' })
    expect(errorOf(Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', errno: -28 }))).toMatchObject({
      code: 'disk-full'
    })
    expect(errorOf(Object.assign(new Error('EWHAT'), { code: 'EWHAT', errno: -1 }))).toMatchObject({ code: 'file-io' })
  })

  it('lists at most 20 of its issues in words', () => {
    const issues = Array.from({ length: 25 }, (_, i) => ({ at: `line ${i}`, what: 'wrong' }))
    const text = errorText({ _tag: 'Malformed', code: 'log-grammar', what: 'No.', advice: 'Do.', issues })
    expect(text.split('\n')).toHaveLength(24)
    expect(text).toContain('and 5 more')
  })
})

describe('progress', () => {
  const shown = (
    terminal: boolean
  ): {
    readonly lines: string[]
    readonly at: (ms: number) => void
    readonly progress: ReturnType<typeof newProgress>
  } => {
    const lines: string[] = []
    let now = 0
    const progress = newProgress(
      {
        out: () => undefined,
        err: text => void lines.push(text),
        terminal,
        env: {},
        signal: new AbortController().signal
      },
      () => now
    )
    return {
      lines,
      progress,
      at: ms => {
        now = ms
      }
    }
  }

  it('is silent in the first second', () => {
    const { at, lines, progress } = shown(true)
    for (const ms of [0, 500, 999]) {
      at(ms)
      progress.update('working', 0.5)
    }
    progress.end()
    expect(lines).toEqual([])
  })

  it('rewrites one line of a terminal, five times a second, and takes it away', () => {
    const { at, lines, progress } = shown(true)
    for (let ms = 1000; ms < 2000; ms += 10) {
      at(ms)
      progress.update('working', ms / 2000)
    }
    expect(lines).toHaveLength(5)
    expect(lines[0]).toBe('\r\x1b[Kworking 50 %')
    progress.end()
    progress.end()
    expect(lines.slice(5)).toEqual(['\r\x1b[K'])
  })

  it('writes a line every ten seconds elsewhere', () => {
    const { at, lines, progress } = shown(false)
    for (let ms = 1000; ms < 25_000; ms += 100) {
      at(ms)
      progress.update('working')
    }
    progress.end()
    expect(lines).toEqual(['working\n', 'working\n', 'working\n'])
  })
})
