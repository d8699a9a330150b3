import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bytesPerElement, type DType, type NdArray, type ParameterValue } from '@bims/core'

/** A call of an operation. */
export interface Call {
  readonly id: string
  readonly inputs: Readonly<Record<string, NdArray>>
  readonly parameters: Readonly<Record<string, ParameterValue>>
}

/** What the library answered. */
export type Answer = NdArray | { readonly error: string }

const script = fileURLToPath(new URL('./reference.py', import.meta.url))
const judges = fileURLToPath(new URL('../../../../../.cache/judges/bin/python', import.meta.url))

const versionOf = (python: string): string => {
  try {
    return execFileSync(python, [script, 'version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'none'
  }
}

/** An interpreter, and its versions of scikit-image, SciPy and NumPy. */
export interface Python {
  readonly python: string
  readonly version: string
}

/** The interpreter that has scikit-image 0.26.0, or why there is none. */
export const findPython = (): Python | { readonly why: string } => {
  const given = process.env['BIMS_PYTHON']
  const candidates =
    given !== undefined && given !== ''
      ? [given]
      : [judges, 'python3', '/usr/bin/python3'].filter(p => !p.includes('/') || existsSync(p))
  const versions = candidates.map(python => ({ python, version: versionOf(python) }))
  const found = versions.find(({ version }) => version.startsWith('0.26.0 '))
  return (
    found ?? {
      why: `no Python with scikit-image 0.26.0: ${versions.map(v => `${v.python} has ${v.version}`).join(', ')}`
    }
  )
}

const bytesOf = ({ data }: NdArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Makes an array of bytes. */
export const arrayOf = (dtype: DType, shape: readonly number[], bytes: Uint8Array): NdArray => {
  const { buffer } = new Uint8Array(bytes)
  const views = {
    bool: Uint8Array,
    uint8: Uint8Array,
    int8: Int8Array,
    uint16: Uint16Array,
    int16: Int16Array,
    uint32: Uint32Array,
    int32: Int32Array,
    uint64: BigUint64Array,
    int64: BigInt64Array,
    float16: Uint16Array,
    float32: Float32Array,
    float64: Float64Array,
    complex64: Float32Array,
    complex128: Float64Array
  }
  return { dtype, shape, data: new views[dtype](buffer, 0, bytes.length / Math.min(bytesPerElement[dtype], 8)) }
}

/** A Python process that answers calls one after the other. */
export class ReferenceProcess {
  readonly #child: ChildProcess
  #chunks: Buffer[] = []
  #size = 0
  #wake: () => void = () => undefined

  constructor(python: string) {
    this.#child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#size += chunk.length
      this.#wake()
    })
    this.#child.on('exit', () => this.#wake())
  }

  async #take(count: number): Promise<Buffer> {
    while (this.#size < count) {
      if (this.#child.exitCode !== null) throw new Error('the Python process ended')
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all.subarray(count)]
    this.#size -= count
    return all.subarray(0, count)
  }

  async call({ id, inputs, parameters }: Call): Promise<Answer> {
    const arrays = Object.entries(inputs)
    const header = Buffer.from(
      JSON.stringify({ id, parameters, arrays: arrays.map(([name, { dtype, shape }]) => ({ name, dtype, shape })) })
    )
    const length = Buffer.alloc(4)
    length.writeUInt32LE(header.length)
    this.#child.stdin?.write(Buffer.concat([length, header, ...arrays.map(([, array]) => bytesOf(array))]))
    const answerLength = (await this.#take(4)).readUInt32LE()
    const answer: { error?: string; dtype: DType; shape: number[]; bytes: number } = JSON.parse(
      (await this.#take(answerLength)).toString()
    )
    return answer.error === undefined
      ? arrayOf(answer.dtype, answer.shape, await this.#take(answer.bytes))
      : { error: answer.error }
  }

  end(): void {
    this.#child.stdin?.end()
  }
}
