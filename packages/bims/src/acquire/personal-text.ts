import { isJsonObject, type JsonValue } from '@bims/core'

/** Words in names behind which people write names, places and remarks. */
const personalWords: ReadonlySet<string> = new Set([
  'file',
  'files',
  'filename',
  'fname',
  'path',
  'paths',
  'folder',
  'dir',
  'directory',
  'url',
  'uri',
  'user',
  'username',
  'operator',
  'author',
  'owner',
  'person',
  'email',
  'login',
  'patient',
  'specimen',
  'sample',
  'comment',
  'comments',
  'note',
  'notes',
  'remark',
  'remarks',
  'title',
  'label',
  'description'
])

/** Whether a name (`user_name`, `acme:operatorName`, `specimen.name`) says that what it holds tells of a person. */
export const isPersonalName = (name: string): boolean =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .some(word => personalWords.has(word))

/** A text that may be a path: it tells user names and projects. */
export const looksLikePath = (text: string): boolean => /[/\\]/.test(text) || /\.[A-Za-z]\w{1,4}$/.test(text)

/** A text that is a path for certain, where `20x/0.8` and `counts/s` are to be expected as well. */
export const isAbsolutePath = (text: string): boolean =>
  /^(?:[A-Za-z]:[/\\]|\\\\|~?\/|file:)|[/\\](?:home|users)[/\\]/i.test(text)

/** Whether a value, or anything inside of it, is text that tells of a person. */
export const holdsPersonalText = (
  name: string,
  value: JsonValue,
  isPath: (text: string) => boolean = looksLikePath
): boolean => {
  if (typeof value === 'string') return value !== '' && (isPersonalName(name) || isPath(value))
  if (Array.isArray(value)) return value.some((child: JsonValue) => holdsPersonalText(name, child, isPath))
  if (!isJsonObject(value) || '$withheld' in value) return false
  return Object.entries(value).some(
    ([member, child]) =>
      child !== undefined && (isPath(member) || holdsPersonalText(`${name}.${member}`, child, isPath))
  )
}
