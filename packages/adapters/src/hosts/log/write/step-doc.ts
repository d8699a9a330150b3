import type { CallEffects } from '../../../python/session/knowledge.ts'
import { attachmentText, type BlockDoc } from './block-text.ts'
import { typeOfDraft } from './call-text.ts'
import type { ParameterDraft, StepDraft } from './step-draft.ts'

type Field = BlockDoc['fields'][number]

/** A field, unless there is nothing to say. */
const field = (keyword: string, argument: string, text: string | undefined): readonly Field[] =>
  text === undefined || text === '' ? [] : [[keyword, argument, text]]

const parameterFields = (parameter: ParameterDraft, effects: CallEffects | undefined): readonly Field[] => {
  const { name, doc, unit, origin } = parameter
  const known = effects?.parameters.find(one => one.name === name)
  return [
    ...field('param', name, doc ?? known?.doc),
    ...field('type', name, typeOfDraft(parameter, effects)),
    ...field('unit', name, unit ?? known?.unit),
    ...field('origin', name, origin === 'typed' ? undefined : origin)
  ]
}

/** The docstring of a step: what the host says, and what the vocabulary says where it does not. */
export const stepDoc = (draft: StepDraft, effects: CallEffects | undefined, reverts: number | undefined): BlockDoc => ({
  text: draft.doc ?? effects?.doc ?? '',
  fields: [
    ...field('name', '', draft.name ?? effects?.name),
    ['execution', '', 'execute'],
    ['evidence', '', draft.evidence ?? 'recorded'],
    ...field('reverts', '', reverts?.toString()),
    ...partFields(draft, effects)
  ]
})

const partFields = (
  { parameters = [], digests = {}, attachments = [] }: StepDraft,
  effects: CallEffects | undefined
): readonly Field[] => [
  ...parameters.flatMap(parameter => parameterFields(parameter, effects)),
  ...Object.entries(digests).map(([arg, digest]): Field => ['digest', arg, digest]),
  ...attachments.map((attachment): Field => ['attachment', attachment.name, attachmentText(attachment)])
]
