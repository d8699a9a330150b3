import type { Attachment, Evidence, Issue, Origin } from '@bims/core'
import { type DocText, fieldOf, fieldsOf } from '../docstring.ts'

/** What the docstring of a block says of its step. */
export interface StepNotes {
  readonly name: string | undefined
  readonly doc: string
  readonly evidence: Evidence | undefined
  readonly reverts: number | undefined
  readonly docs: ReadonlyMap<string, string>
  readonly types: ReadonlyMap<string, string>
  readonly units: ReadonlyMap<string, string>
  readonly origins: ReadonlyMap<string, Origin>
  readonly digests: ReadonlyMap<string, string>
  readonly contents: ReadonlyMap<string, string>
  readonly attachments: readonly Attachment[]
}

const evidences: readonly Evidence[] = ['recorded', 'edited', 'authored']
const originWords: readonly Origin[] = ['typed', 'default', 'computed', 'interactive']

const imageDigest = /^bims-(?:pixels|coded)-1:[0-9a-f]{64}$/
const attachmentText = /^(\S+) (\d{1,15}) (sha256:[0-9a-f]{64})(?: (\S+))?$/
const contentDigest = /^(?:sha256:)?[0-9a-f]{64}$/

/** Fields whose text does not have the form it must have are left out and reported. */
const checked = <T>(
  fields: ReadonlyMap<string, string>,
  keyword: string,
  parse: (text: string) => T | undefined,
  report: (what: string) => void
): ReadonlyMap<string, T> => {
  const good = new Map<string, T>()
  for (const [argument, text] of fields) {
    const value = parse(text)
    if (value === undefined)
      report(`:${keyword}${argument === '' ? '' : ` ${argument}`}: cannot be ${JSON.stringify(text.slice(0, 60))}`)
    else good.set(argument, value)
  }
  return good
}

const matching =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.test(text) ? text : undefined

const parseAttachment = (name: string, text: string): Attachment | undefined => {
  const [, mediaType, size, digest, at] = attachmentText.exec(text) ?? []
  if (mediaType === undefined || size === undefined || digest === undefined) return undefined
  return { name, mediaType, size: Number(size), digest, ...(at === undefined ? {} : { at }) }
}

const parseCount = (text: string): number | undefined => (/^(?:0|[1-9]\d{0,8})$/.test(text) ? Number(text) : undefined)

/** Reads what a docstring says of a step; problems go into `issues`. */
export const parseNotes = (doc: DocText, line: number, issues: Issue[]): StepNotes => {
  const report = (what: string): void => {
    issues.push({ at: `line ${line}`, what })
  }
  const one = <T>(keyword: string, parse: (text: string) => T | undefined): T | undefined => {
    const text = fieldOf(doc, keyword)
    return text === undefined ? undefined : checked(new Map([['', text]]), keyword, parse, report).get('')
  }
  const attachments = [...fieldsOf(doc, 'attachment')].flatMap(([name, text]) => {
    const attachment = parseAttachment(name, text)
    if (attachment === undefined) report(`:attachment ${name}: is "MEDIATYPE SIZE DIGEST [AT]"`)
    return attachment === undefined ? [] : [attachment]
  })
  return {
    name: fieldOf(doc, 'name'),
    doc: doc.text,
    evidence: one('evidence', text => evidences.find(word => word === text)),
    reverts: one('reverts', parseCount),
    docs: fieldsOf(doc, 'param'),
    types: fieldsOf(doc, 'type'),
    units: fieldsOf(doc, 'unit'),
    origins: checked(fieldsOf(doc, 'origin'), 'origin', text => originWords.find(word => word === text), report),
    digests: checked(fieldsOf(doc, 'digest'), 'digest', matching(imageDigest), report),
    contents: checked(fieldsOf(doc, 'content'), 'content', matching(contentDigest), report),
    attachments
  }
}

/** Nothing said. */
export const emptyNotes: StepNotes = {
  name: undefined,
  doc: '',
  evidence: undefined,
  reverts: undefined,
  docs: new Map(),
  types: new Map(),
  units: new Map(),
  origins: new Map(),
  digests: new Map(),
  contents: new Map(),
  attachments: []
}
