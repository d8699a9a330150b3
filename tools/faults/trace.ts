/**
 * One call that a program made. Letters as in a trace of disk-faults.c:
 * `W` write, `S` a file synchronised, `F` a folder synchronised, `C` file made, `T` length set, `R` renamed,
 * `L` given a further name, `U` file or folder removed, `M` folder made, `A` something said on standard output.
 */
export type Call =
  | { readonly call: 'W'; readonly file: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly call: 'S'; readonly file: string }
  | { readonly call: 'T'; readonly file: string; readonly length: number }
  | { readonly call: 'C'; readonly file: string; readonly path: string }
  | { readonly call: 'M'; readonly file: string; readonly path: string }
  | { readonly call: 'U'; readonly path: string }
  | { readonly call: 'F'; readonly path: string }
  | { readonly call: 'R'; readonly from: string; readonly to: string }
  | { readonly call: 'L'; readonly from: string; readonly to: string }
  | { readonly call: 'A'; readonly text: string }

interface Parts {
  readonly ino: string
  readonly offset: number
  readonly bytes: Buffer
  /** The names that follow, where names do. */
  readonly names: readonly [string, string]
}

const readers: Readonly<Record<string, (parts: Parts) => Call>> = {
  W: ({ ino, offset, bytes }) => ({ call: 'W', file: ino, offset, bytes }),
  S: ({ ino }) => ({ call: 'S', file: ino }),
  T: ({ ino, offset }) => ({ call: 'T', file: ino, length: offset }),
  C: ({ ino, names }) => ({ call: 'C', file: ino, path: names[0] }),
  M: ({ ino, names }) => ({ call: 'M', file: ino, path: names[0] }),
  U: ({ names }) => ({ call: 'U', path: names[0] }),
  F: ({ names }) => ({ call: 'F', path: names[0] }),
  R: ({ names }) => ({ call: 'R', from: names[0], to: names[1] }),
  L: ({ names }) => ({ call: 'L', from: names[0], to: names[1] }),
  A: ({ bytes }) => ({ call: 'A', text: bytes.toString() })
}

const readCall = (letter: string, ino: string, offset: number, bytes: Buffer): Call => {
  const [first = '', second = ''] = letter === 'W' ? [] : bytes.toString().split('\n')
  const read = readers[letter]
  if (read === undefined) throw new Error(`a trace has no call ${letter}`)
  return read({ ino, offset, bytes, names: [first, second] })
}

/** Reads the trace that disk-faults.c wrote; a number of a file that is used again stands for a new file. */
export const parseTrace = (bytes: Buffer): readonly Call[] => {
  const calls: Call[] = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0x0a, at)
    const [letter = '', ino = '', offset, length] = bytes.toString('latin1', at, end).split(' ')
    const from = end + 1
    at = from + Number(length)
    calls.push(readCall(letter, ino, Number(offset), bytes.subarray(from, at)))
  }
  return calls
}
