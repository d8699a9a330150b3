import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A folder or file of docs/spec. */
export const specPath = (name: string): string =>
  fileURLToPath(new URL(`../../../../docs/spec/${name}`, import.meta.url))

/** A file of golden vectors. */
export const readVectors = <A>(name: string): A =>
  JSON.parse(readFileSync(specPath(`vectors/${name}.json`), 'utf8')) as A
