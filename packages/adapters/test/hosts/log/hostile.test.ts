import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it, vi } from 'vitest'
import { isBimsError, sliceMacro } from '@bims/core'
import { readLog } from '../../../src/hosts/index.ts'
import { writtenExample } from './example.ts'

// No test fails on a time: the machine may be busy.
vi.setConfig({ testTimeout: 600_000 })

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Reading answers with a macro that hangs together or with a typed error; it never throws. */
const check = async (log: Uint8Array): Promise<string> => {
  const read = await readLog(log, 'log.py')()
  if (isLeft(read)) {
    expect(isBimsError(read.left)).toBe(true)
    return read.left.code
  }
  for (const { name } of read.right.macro.outputs)
    expect([name, isRight(sliceMacro(read.right.macro, name))]).toEqual([name, true])
  return 'read'
}

describe('hostile logs', () => {
  it('are refused where they are no text or too large', async () => {
    expect(await check(new Uint8Array(100 * 2 ** 20).fill(0x20))).toBe('log-not-python')
    expect(await check(Uint8Array.of(0x61, 0x20, 0x3d, 0x20, 0xff))).toBe('log-not-python')
    expect(await check(encode('a = 1\0'))).toBe('log-not-python')
    expect(await check(Uint8Array.of(0x27, 0xed, 0xa0, 0x80, 0x27))).toBe('log-not-python')
    expect(await check(encode(`a = ${'['.repeat(5000)}${']'.repeat(5000)}`))).toBe('log-not-python')
    expect(await check(encode('a = """'))).toBe('log-not-python')
    expect(await check(new Uint8Array())).toBe('read')
  })

  it('do not reach the prototypes of objects', async () => {
    expect(
      await check(
        encode(
          '"""\n:library __proto__: 1\n:library constructor: 2\n"""\nimport constructor\nconstructor.toString()\n__proto__ = constructor.valueOf(1)\n'
        )
      )
    ).toBe('read')
    expect(Object.hasOwn(Object.prototype, '1')).toBe(false)
  })

  it('with thousands of fields, names and blocks are read', async () => {
    const fields = Array.from({ length: 20_000 }, (_, i) => `:param p${i}: x`).join('\n')
    expect(
      await check(
        encode(
          `# ********** BEGIN MACRO ********** #\n"""\n${fields}\n"""\nimport numpy\na = numpy.zeros((3, 3))\n# ********** END MACRO ********** #\n`
        )
      )
    ).toBe('read')
    const blocks = '# ********** BEGIN MACRO ********** #\na = = 1\n# ********** END MACRO ********** #\n'.repeat(300)
    expect(
      await check(
        encode(`b = 1\n${blocks}# ********** BEGIN MACRO ********** #\nc = 1\n# ********** END MACRO ********** #\n`)
      )
    ).toBe('read')
  })

  it('that are real logs with random damage are read or refused', async () => {
    const good = encode(await writtenExample())
    const edit = fc.record({
      at: fc.nat(good.length - 1),
      drop: fc.nat(30),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 4 }),
        fc
          .constantFrom(
            '"""',
            '(',
            '# ********** END MACRO ********** #\n',
            'kept_',
            '\n',
            ' ',
            'for i in range(9):\n',
            '\\',
            '=',
            '@'
          )
          .map(encode)
      )
    })
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async edits => {
        let bytes = good
        for (const { at, drop, insert } of edits) {
          const from = Math.min(at, bytes.length)
          bytes = Uint8Array.from([...bytes.subarray(0, from), ...insert, ...bytes.subarray(from + drop)])
        }
        const code = await check(bytes)
        seen.set(code, (seen.get(code) ?? 0) + 1)
      }),
      { numRuns: 400 }
    )
    // The damage must reach every way of reading, or this test would say little.
    expect([...seen.keys()]).toEqual(expect.arrayContaining(['read', 'log-not-python', 'log-grammar']))
  })

  it('that are made of Python pieces are read or refused', async () => {
    const piece = fc.constantFrom(
      'a = raw',
      'raw = a',
      'a += 1',
      'a[0] = b',
      'b = a[1:]',
      'f = lambda: a',
      'f(a)',
      'del a',
      'x.y(a, *b, **c)',
      'a, b = b, a',
      'for i in range(3):\n    a += i',
      'if a:\n    b = 1',
      'import a',
      'import numpy as a',
      'from x import *',
      'a = [a, b]',
      'a = {"k": a}',
      'a = numpy.add(a, b, out=b)',
      'a = numpy.rot90(b)',
      'def a(): pass',
      'skimage.io.imsave("f", a)',
      'a = skimage.io.imread("f")',
      'a = 1',
      'a.b = 2',
      'a = a.T.T',
      'bims.display(a, x=1)',
      'a = -b',
      'kept_a = a',
      'a = kept_a',
      'a = (yield)',
      'print(a)',
      'a = b if a else c',
      'a = numpy.random.normal(a)'
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async pieces => {
        await check(
          encode(
            `import numpy\nimport skimage.io\nraw = skimage.io.imread("r")\na = raw\nb = numpy.add(raw, 1)\nc = 1\n${pieces.join('\n')}\n`
          )
        )
      }),
      { numRuns: 500 }
    )
  })
})
