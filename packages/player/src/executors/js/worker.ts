// The js executor's worker thread: it holds the pixels, so that only names and digests cross between threads.
import { newError, type BimsError, type Step } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { parentPort } from 'node:worker_threads'
import type { NamedArray } from '../executor.ts'
import type { Answer, Request } from './protocol.ts'
import { describe, runStep } from './step-runner.ts'

const held = new Map<string, NamedArray>()

const missing = (value: string): Answer => ({
  error: newError(
    'input-missing',
    `The value ${value} is not there.`,
    'Run the step that makes it, or give it as an input.'
  )
})

const textOf = (cause: unknown): string =>
  cause instanceof Error || typeof cause === 'string' ? `${cause}` : Object.prototype.toString.call(cause)

/** Errors cross threads by structured clone, which refuses the functions that a cause may hold. */
const plain = ({ cause, ...error }: BimsError): BimsError =>
  cause === undefined ? error : { ...error, cause: textOf(cause) }

const run = (step: Step): Answer => {
  const made = runStep(step, held)
  if (E.isLeft(made)) return { error: plain(made.left) }
  for (const [value, pixels] of made.right) held.set(value, pixels)
  return { made: [...made.right].map(([value, pixels]) => describe(value, pixels)) }
}

const alias = (from: string, to: string): Answer => {
  const pixels = held.get(from)
  if (pixels === undefined) return missing(from)
  held.set(to, pixels)
  return { made: [describe(to, pixels)] }
}

const fetch = (value: string): Answer => {
  const pixels = held.get(value)
  return pixels === undefined ? missing(value) : { pixels }
}

const answer = (request: Request): Answer => {
  switch (request.do) {
    case 'load':
      held.set(request.value, request.pixels)
      return { made: [] }
    case 'run':
      return run(request.step)
    case 'alias':
      return alias(request.from, request.to)
    case 'fetch':
      return fetch(request.value)
    case 'forget':
      for (const value of request.values) held.delete(value)
      return { made: [] }
    case 'reset':
      held.clear()
      return { made: [] }
  }
}

parentPort?.on('message', (request: Request) => {
  let reply: Answer
  try {
    reply = answer(request)
  } catch (cause) {
    reply = {
      error: newError(
        'operation-failed',
        `A step failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        'Check its input; if it is right, report this.'
      )
    }
  }
  parentPort?.postMessage(reply)
})
