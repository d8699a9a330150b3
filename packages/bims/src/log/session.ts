import { findOperation } from '@bims/adapters/hosts/scikit-image'
import {
  newLogWriter,
  type HangingKind,
  type LogWriter,
  type ParameterDraft,
  type WrittenStep
} from '@bims/adapters/hosts/log'
import {
  arrayDigest,
  attachmentDigest,
  canonicalBytes,
  newError,
  toBase64,
  utf8,
  type BundledAttachment,
  type HostProgram,
  type JsonValue,
  type NdArray,
  type Operation,
  type Origin,
  type ParameterValue,
  type Step
} from '@bims/core'
import { resultAxes, type NamedArray } from '@bims/player'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { onDisk } from '../files/file-error.ts'
import { withImage } from '../files/open-image.ts'
import { readAsImread } from '../files/read-pixels.ts'
import type { Capabilities } from '../production.ts'
import { promised, value } from '../promise.ts'
import { newSession } from './read-log.ts'

/** What a host program says of itself and its log. */
export interface LogOptions {
  readonly host: HostProgram
  /** File that the log is written to, block by block; without it the log lives in memory until an image is saved. */
  readonly file?: string
  /** Library → version, besides those of the vocabulary. */
  readonly libraries?: Readonly<Record<string, string>>
}

/** An image, or a number, of a session; which version it stands for never changes. */
export interface Logged {
  readonly kind: 'logged'
  readonly session: LogSession
  /** Its variable in the log. */
  readonly name: string
  /** Versioned name, once the step that makes it is logged. */
  readonly value: () => Promise<string>
  readonly pixels: () => Promise<NamedArray>
  /** Index of the step that made it; undefined for an opened image. */
  readonly step: number | undefined
}

/** The program's own function behind a step. */
export type Run = (
  inputs: Readonly<Record<string, NdArray>>,
  parameters: Readonly<Record<string, JsonValue | Uint8Array>>
) => NdArray | Promise<NdArray>

/** What may be told of a step besides its call. */
export interface StepOptions {
  /** Variable of the result; naming one that exists overwrites it. By default the operation's own name. */
  readonly as?: string
  /** Documentation for people; by default that of the vocabulary. */
  readonly doc?: string
  /** How parameters came to their values; `typed` where nothing is said. */
  readonly origins?: Readonly<Record<string, Origin>>
}

/** Content that is too large or too free for a parameter: strokes, a mask, a model. */
export interface LoggedAttachment {
  readonly kind: 'attachment'
  /** As it was given. */
  readonly content: Uint8Array | JsonValue
  readonly mediaType: string
  readonly salt: Uint8Array
  readonly bytes: Uint8Array
  readonly digest: string
}

/** A parameter of a step: a value, or an attachment, which the log names by its digest. */
export type StepParameter = JsonValue | LoggedAttachment

const isAttachment = (parameter: StepParameter): parameter is LoggedAttachment =>
  typeof parameter === 'object' &&
  parameter !== null &&
  'kind' in parameter &&
  parameter.kind === 'attachment' &&
  parameter['bytes'] instanceof Uint8Array

const computed = (
  operation: Operation | undefined,
  id: string,
  inputs: Readonly<Record<string, NdArray>>,
  parameters: Readonly<Record<string, JsonValue | Uint8Array>>
): NdArray => {
  if (operation?.run === undefined)
    throw newError(
      'operation-unknown',
      `The vocabulary has no ${id}.`,
      'Give the function that does it as the fourth argument.'
    )
  // What is not a parameter of the vocabulary's kind is refused by the operation itself, with its name.
  // eslint-disable-next-line no-restricted-syntax -- inherent: the operation judges its own parameters
  const results = value(operation.run(inputs, parameters as Readonly<Record<string, ParameterValue>>))
  const [result] = Object.values(results)
  if (result === undefined) throw newError('operation-failed', `${id} gave nothing.`, 'Please report this.')
  return result
}

const freeName = (id: string, used: ReadonlySet<string>): string => {
  const base =
    id
      .slice(id.lastIndexOf('.') + 1)
      .replace(/\W/g, '_')
      .replace(/^(?=\d)|^_+/, '') || 'result'
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}_${n}`
    if (!used.has(name)) return name
  }
}

/**
 * The log of an imaging session: every operation that goes through it becomes a block of runnable Python with
 * documentation. Calls may be made without waiting for each other; they are logged in their order.
 */
export class LogSession {
  readonly id: string
  readonly #options: LogOptions
  readonly #capabilities: Capabilities
  readonly #writer: Promise<LogWriter>
  readonly #texts: string[] = []
  readonly #names = new Set<string>()
  readonly #attachments: LoggedAttachment[] = []
  #file: Promise<FileHandle> | undefined
  #steps = 0
  #queue: Promise<unknown>
  #failure: { readonly error: unknown } | undefined

  constructor(options: LogOptions, capabilities: Capabilities) {
    this.#options = options
    this.#capabilities = capabilities
    this.id = newSession(capabilities)
    this.#writer = promised(
      newLogWriter({
        host: options.host,
        session: this.id,
        libraries: { 'scikit-image': '0.26.0', ...options.libraries }
      })
    )
    this.#queue = this.#writer.then(writer => this.#append(writer.header))
    this.#queue.catch(this.#fail)
  }

  /** Notes the error of a call that nobody waits for; saving tells it. */
  readonly #fail = (error: unknown): void => {
    this.#failure ??= { error }
  }

  /** File that input paths are relative to: the log, or a file that would stand in the working folder. */
  get logFile(): string {
    return resolve(this.#options.file ?? 'session.py')
  }

  /** Everything that has been logged so far. Rejects with the first error of a call that nobody waited for. */
  async text(): Promise<string> {
    await this.settled()
    return this.#texts.join('')
  }

  /** Waits for all calls so far. Rejects with the first error among them. */
  async settled(): Promise<void> {
    await this.#queue.catch(() => undefined)
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #append(text: string): Promise<void> {
    this.#texts.push(text)
    const { file } = this.#options
    if (file === undefined) return
    try {
      this.#file ??= onDisk(`Making the log ${file}`, open(file, 'wx'))
      await onDisk(`Writing the log ${file}`, (await this.#file).appendFile(text))
    } catch (error) {
      // A log with a block missing tells another story: whoever saves after this is told.
      this.#fail(error)
      throw error
    }
  }

  /** Does one thing after everything before it. */
  #enqueue<A>(work: (writer: LogWriter) => Promise<A>): Promise<A> {
    const done = this.#queue.catch(() => undefined).then(async () => work(await this.#writer))
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #log(written: WrittenStep): Promise<WrittenStep> {
    await this.#append(written.text)
    this.#steps++
    return written
  }

  /** Opens an image file under a name; it is an input of the log. */
  open(name: string, file: string): Logged {
    this.#names.add(name)
    const pixels = withImage(file, async opened => readAsImread(opened))
    pixels.catch(() => undefined)
    const logged = this.#enqueue(async writer => {
      const { array, axes } = await pixels
      const { input, text } = value(
        writer.open({
          name,
          file: relative(dirname(this.logFile), resolve(file)) || file,
          digest: arrayDigest(array, axes).digest
        })
      )
      await this.#append(text)
      return input.value
    })
    logged.catch(this.#fail)
    return { kind: 'logged', session: this, name, value: () => logged, pixels: () => pixels, step: undefined }
  }

  /**
   * Runs an operation and logs it. Reads are named as in its Python signature; without `run` the vocabulary's own
   * implementation is used.
   * Rejects with `operation-unknown`, `operation-parameters`, `operation-failed`, `log-grammar`.
   */
  step(
    operation: string,
    reads: Readonly<Record<string, Logged>>,
    parameters: Readonly<Record<string, StepParameter>> = {},
    run?: Run,
    options: StepOptions = {}
  ): Promise<Logged> {
    const known = findOperation(operation)
    const name = options.as ?? freeName(operation, this.#names)
    this.#names.add(name)
    return this.#enqueue(async writer => {
      const inputs = await Promise.all(
        Object.entries(reads).map(async ([arg, read]) => [arg, await read.pixels(), await read.value()] as const)
      )
      const arrays = Object.fromEntries(inputs.map(([arg, { array }]) => [arg, array]))
      const given = Object.fromEntries(
        Object.entries(parameters).map(([name, parameter]) => [
          name,
          isAttachment(parameter) ? parameter.content : parameter
        ])
      )
      const result = run === undefined ? computed(known, operation, arrays, given) : await run(arrays, given)
      const pixels: NamedArray = {
        array: result,
        axes: resultAxes(
          inputs.map(([, input]) => input),
          result
        )
      }
      const { step } = await this.#log(
        value(
          writer.append({
            operation,
            reads: Object.fromEntries(inputs.map(([arg, , read]) => [arg, read])),
            parameters: Object.entries(parameters).map(([parameter, content]): ParameterDraft => ({
              name: parameter,
              value: isAttachment(content) ? content.digest : content,
              ...(options.origins?.[parameter] === undefined ? {} : { origin: options.origins[parameter] })
            })),
            results: [name],
            digests: { return: arrayDigest(pixels.array, pixels.axes).digest },
            ...(options.doc === undefined ? {} : { doc: options.doc }),
            attachments: Object.entries(parameters).flatMap(([name, parameter]) =>
              isAttachment(parameter)
                ? [{ name, mediaType: parameter.mediaType, size: parameter.bytes.length, digest: parameter.digest }]
                : []
            )
          })
        )
      )
      const made = step.writes.find(write => write.arg === 'return')?.value ?? step.writes[0]?.value
      if (made === undefined)
        throw newError('log-grammar', `${operation} was logged without a result.`, 'Please report this.')
      return {
        kind: 'logged',
        session: this,
        name,
        value: () => Promise.resolve(made),
        pixels: () => Promise.resolve(pixels),
        step: step.index
      }
    })
  }

  /** Sets what hangs on an image: its display, region of interest, calibration. No pixel changes. */
  set(image: Logged, kind: HangingKind, settings: Readonly<Record<string, JsonValue>>): void {
    void this.#enqueue(async writer => this.#log(value(writer.set(await image.value(), kind, settings)))).catch(
      this.#fail
    )
  }

  /** Takes a step back; afterwards its variable holds what it held before. Gives that image, where there was one. */
  undo(image: Logged, before?: Logged): Promise<Logged | undefined> {
    return this.#enqueue(async writer => {
      if (image.step === undefined)
        throw newError('log-grammar', `${image.name} was opened, which cannot be taken back.`, 'Take back a step.')
      const written = value(writer.undo(image.step))
      for (const one of written) await this.#log(one)
      // Where the step had made the variable, it is gone with it; else it stands for the version that was kept.
      if (before === undefined || written.some(({ step }) => step.operation.id === 'python.del')) return undefined
      return { ...before, name: image.name }
    })
  }

  /**
   * Keeps content as an attachment, to be given as a parameter of a step: bytes, or a value that is stored as JSON.
   * It is saved with each image that a step with it made.
   */
  attach(content: Uint8Array | JsonValue, mediaType?: string): LoggedAttachment {
    const salt = this.#capabilities.random(16)
    const bytes = content instanceof Uint8Array ? Uint8Array.from(content) : canonicalBytes(content)
    const attached: LoggedAttachment = {
      kind: 'attachment',
      content,
      mediaType: mediaType ?? (content instanceof Uint8Array ? 'application/octet-stream' : 'application/json'),
      salt,
      bytes,
      digest: attachmentDigest(salt, bytes)
    }
    this.#attachments.push(attached)
    return attached
  }

  /** What a bundle holds of the attachments that these steps name. */
  attachmentsOf(steps: readonly Step[]): readonly BundledAttachment[] {
    const named = new Set(steps.flatMap(step => (step.attachments ?? []).map(({ digest }) => digest)))
    return this.#attachments
      .filter(({ digest }) => named.has(digest))
      .map(({ bytes, digest, salt }) => ({ digest, salt: toBase64(salt), bytes: toBase64(bytes) }))
  }

  /** The log as it would stand in a file. */
  async bytes(): Promise<Uint8Array> {
    return utf8(await this.text())
  }

  /** Ends the log; images may still be saved. */
  async close(): Promise<void> {
    await this.settled()
    const file = await this.#file
    await file?.sync()
    await file?.close()
    this.#file = undefined
  }
}
