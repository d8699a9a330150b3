import type { Component, InstrumentContent, Setting } from '@bims/core'
import { escapeToken } from './pointer.ts'
import type { Sources } from './sources.ts'

/** A text with the ordinals it comes from. */
export interface Sourced<T> {
  readonly value: T
  readonly ordinals: readonly number[]
}

/** A component before its place is known. */
export interface ComponentDraft {
  readonly kind: Sourced<string>
  readonly id?: Sourced<string>
  readonly maker?: Sourced<string>
  readonly model?: Sourced<string>
  readonly serial?: Sourced<string>
  readonly properties?: Readonly<Record<string, Sourced<Setting>>>
}

/** Members of an instrument that are plain text. */
type InstrumentText = 'maker' | 'model' | 'serial' | 'softwareName' | 'softwareVersion'

/** An instrument while it is made. */
export interface InstrumentDraft {
  /** Puts a text; false where another one stands there already. */
  readonly text: (member: InstrumentText, text: Sourced<string>) => boolean
  /** Adds a component, unless the same one is there. */
  readonly component: (component: ComponentDraft) => void
  /** The instrument, or undefined where nothing is known; adds its sources. */
  readonly content: (sources: Sources) => InstrumentContent | undefined
}

const pointers: Readonly<Record<InstrumentText, string>> = {
  maker: '/instrument/maker',
  model: '/instrument/model',
  serial: '/instrument/serial',
  softwareName: '/instrument/software/name',
  softwareVersion: '/instrument/software/version'
}

const componentTexts = ['id', 'maker', 'model', 'serial'] as const

const plain = (draft: ComponentDraft): Component => ({
  kind: draft.kind.value,
  ...Object.fromEntries(componentTexts.flatMap(name => (draft[name] === undefined ? [] : [[name, draft[name].value]]))),
  ...(draft.properties === undefined || Object.keys(draft.properties).length === 0
    ? {}
    : { properties: Object.fromEntries(Object.entries(draft.properties).map(([name, { value }]) => [name, value])) })
})

const addSources = (sources: Sources, draft: ComponentDraft, at: string): void => {
  sources.add(`${at}/kind`, draft.kind.ordinals)
  for (const name of componentTexts) sources.add(`${at}/${name}`, draft[name]?.ordinals ?? [])
  for (const [name, { ordinals }] of Object.entries(draft.properties ?? {}))
    sources.add(`${at}/properties/${escapeToken(name)}`, ordinals)
}

/** An empty instrument. */
export const newInstrumentDraft = (): InstrumentDraft => {
  const texts = new Map<InstrumentText, { readonly value: string; readonly ordinals: number[] }>()
  const components: { readonly json: string; readonly content: Component; readonly drafts: ComponentDraft[] }[] = []
  const value = (member: InstrumentText): string | undefined => texts.get(member)?.value
  return {
    text: (member, { value: text, ordinals }) => {
      const before = texts.get(member)
      if (text === '' || (before !== undefined && before.value !== text)) return false
      if (before === undefined) texts.set(member, { value: text, ordinals: [...ordinals] })
      else before.ordinals.push(...ordinals)
      return true
    },
    component: draft => {
      const content = plain(draft)
      const json = JSON.stringify(content)
      const same = components.find(component => component.json === json)
      if (same === undefined) components.push({ json, content, drafts: [draft] })
      else same.drafts.push(draft)
    },
    content: sources => {
      if (texts.size === 0 && components.length === 0) return undefined
      for (const [member, { ordinals }] of texts) sources.add(pointers[member], ordinals)
      components.forEach(({ drafts }, i) =>
        drafts.forEach(draft => addSources(sources, draft, `/instrument/components/${i}`))
      )
      const version = value('softwareVersion')
      const name = value('softwareName')
      return {
        ...Object.fromEntries(
          (['maker', 'model', 'serial'] as const).flatMap(member =>
            value(member) === undefined ? [] : [[member, value(member)]]
          )
        ),
        ...(name === undefined ? {} : { software: { name, ...(version === undefined ? {} : { version }) } }),
        ...(components.length === 0 ? {} : { components: components.map(({ content }) => content) })
      }
    }
  }
}
