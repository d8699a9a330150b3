import type { Environment } from '@bims/core'
import { type DocText, fieldOf, fieldsOf } from '../../python/docstring.ts'
import type { LogHeader } from '../../python/read-log.ts'

/** The schema that the header of a log names. */
export const logSchema = 'bims.log/1'

const countOf = (doc: DocText, keyword: string): number | undefined => {
  const text = fieldOf(doc, keyword)
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

const environmentOf = (doc: DocText): Environment => {
  const libraries = Object.fromEntries(
    [...fieldsOf(doc, 'library')].filter(([name]) => name !== '' && name !== '__proto__')
  )
  const [device, threads, seed] = [fieldOf(doc, 'device'), countOf(doc, 'threads'), countOf(doc, 'seed')]
  return {
    ...(Object.keys(libraries).length === 0 ? {} : { libraries }),
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
    ...(seed === undefined ? {} : { seed })
  }
}

/** Reads the header of the BIMS log form; a log without one is Python's. */
export const parseHeader = (doc: DocText): LogHeader => {
  const version = fieldOf(doc, 'version')
  return {
    host: { name: fieldOf(doc, 'host') ?? 'Python', ...(version === undefined ? {} : { version }) },
    environment: environmentOf(doc)
  }
}

/** The major version of the log form, where the header names the schema and it is one of ours. */
export const schemaMajor = (doc: DocText): string | undefined =>
  /^bims\.log\/(\d+)$/.exec(fieldOf(doc, 'schema') ?? '')?.[1]
