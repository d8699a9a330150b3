import { type BimsError, fromUtf8, type Host, type MacroContent, newError } from '@bims/core'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { sessionIn } from './session-id.ts'

/** A host that is loaded when a log asks for it. */
interface LazyHost {
  readonly host: string
  readonly load: () => Promise<Host>
}

/** All hosts, the most particular first. */
const registry: readonly LazyHost[] = [
  { host: 'dragonfly', load: async () => (await import('./dragonfly/index.ts')).dragonflyHost },
  { host: 'python', load: async () => (await import('./log/index.ts')).pythonHost }
]

/** Ids of all hosts whose logs can be read. */
export const hostIds: readonly string[] = registry.map(({ host }) => host)

/** Length of the head by which a log is recognised. */
const headLength = 4096

/** The text of the first bytes; a character cut in two at its end does not matter. */
const headOf = (log: Uint8Array): string => {
  const head = log.subarray(0, headLength)
  for (let cut = 0; cut < 4; cut++) {
    const text = fromUtf8(head.subarray(0, head.length - cut))
    if (text !== undefined) return text.replace(/^\uFEFF/, '')
  }
  return ''
}

const loadAll: TE.TaskEither<BimsError, readonly Host[]> = TE.tryCatch(
  () => Promise.all(registry.map(({ load }) => load())),
  cause =>
    newError(
      'unexpected',
      'A host adapter cannot be loaded.',
      'Check that the package @bims/adapters is installed whole.',
      { cause }
    )
)

/** Finds the host of a log by its first 4 KiB and its file's name; fails with `log-unknown`. */
export const findHost = (log: Uint8Array, name: string): TE.TaskEither<BimsError, Host> =>
  pipe(
    loadAll,
    TE.chain(hosts => {
      const head = headOf(log)
      const host = hosts.find(({ recognises }) => recognises(head, name))
      return host === undefined
        ? TE.left(
            newError(
              'log-unknown',
              `No host adapter recognises the log ${JSON.stringify(name)}.`,
              `Give a log of one of: ${hostIds.join(', ')}; logs written by hand end in .py.`
            )
          )
        : TE.right(host)
    })
  )

/** A log as it was read. */
export interface LogReading {
  /** Id of the host. */
  readonly host: string
  /** The session that the log says it is of. */
  readonly session?: string
  /** The full log: not sliced. */
  readonly macro: MacroContent
}

/** Reads a log of whatever host; fails with `log-unknown`, `log-not-python`, `log-grammar`, `record-major`. */
export const readLog = (log: Uint8Array, name: string): TE.TaskEither<BimsError, LogReading> =>
  pipe(
    findHost(log, name),
    TE.chain(host =>
      pipe(
        host.read(log, name),
        TE.map((macro): LogReading => {
          const session = sessionIn(headOf(log))
          return { host: host.host, ...(session === undefined ? {} : { session }), macro }
        })
      )
    )
  )
