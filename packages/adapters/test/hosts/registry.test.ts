import { describe, expect, it } from 'vitest'
import { findHost, hostIds, readLog } from '../../src/hosts/index.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('readLog', () => {
  it('finds the host by head and name', async () => {
    const host = async (text: string, name: string): Promise<unknown> => {
      const found = await findHost(encode(text), name)()
      return found._tag === 'Right' ? found.right.host : found.left.code
    }
    expect(hostIds).toEqual(['dragonfly', 'python'])
    expect(await host('"""\n:dragonflyVersion: 2021\n"""\n', 'a.py')).toBe('dragonfly')
    expect(await host('"""\n:schema: bims.log/1\n"""\n', 'session.txt')).toBe('python')
    expect(await host('a = 1', 'a.PY')).toBe('python')
    expect(await host('run("Blur")', 'a.ijm')).toBe('log-unknown')
    expect(await host(`${'é'.repeat(3000)}\n`, 'a.txt')).toBe('log-unknown')
  })

  it('gives host, session and macro', async () => {
    expect(
      await readLog(encode('"""\n:schema: bims.log/1\n:host: V\n:session: 12-ab\n"""\na = 1\n'), 'x')()
    ).toMatchObject({
      right: {
        host: 'python',
        session: '12-ab',
        macro: { host: { name: 'V' }, steps: [{ operation: { id: 'python.assign' } }] }
      }
    })
    expect(await readLog(encode('"""\n:dragonflyVersion: 1\n:UUID: 9f\n"""\n'), 'x')()).toMatchObject({
      right: { host: 'dragonfly', session: '9f' }
    })
    expect(await readLog(encode('a = """\n:session: no\n"""'), 'x.py')()).not.toHaveProperty('right.session')
  })
})
