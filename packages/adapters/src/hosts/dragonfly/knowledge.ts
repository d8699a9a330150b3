import type { HostProgram } from '@bims/core'
import { type CallEffects, type Knowledge, plainEffects } from '../../python/session/knowledge.ts'

const nothing = { result: 'nothing' } as const

const call = (id: string, signature: readonly string[], more: Partial<CallEffects>): CallEffects => ({
  ...plainEffects,
  id,
  name: id.slice(id.lastIndexOf('.') + 1),
  tool: 'Dragonfly',
  version: '',
  signature,
  settings: true,
  ...more
})

/** Tools that change the region of interest `aROIToModify` in place and read only their parameters besides. */
const roiTools = 'erode dilate open close smooth fillInnerAreas removeIslands processIslands'
  .split(' ')
  .map(name => call(`OrsVolumeROITools.${name}`, ['aROIToModify'], { ...nothing, mutates: ['aROIToModify'] }))

const functions: ReadonlyMap<string, CallEffects> = new Map(
  [
    ...roiTools,
    // A progress bar touches no object of the session.
    call('Progress', [], { resultKind: 'state' }),
    // An object of the session by its identifier.
    call('orsObj', ['identifier'], { file: { mode: 'open', argument: 'identifier', identifier: true } })
  ].map(effects => [effects.id, effects])
)

/** Methods of a progress bar: noise. */
const progressMethods: ReadonlySet<string> = new Set([
  'startWorkingProgressWithID',
  'startWorkingProgress',
  'stopWorkingProgress',
  'setProgress',
  'updateProgress'
])

const methods: ReadonlyMap<string, CallEffects> = new Map(
  [
    // Shows an object in the lists of the program.
    call('publish', ['self'], { ...nothing, hangs: { kind: 'display', argument: 'self' } }),
    call('unpublish', ['self'], { ...nothing, hangs: { kind: 'display', argument: 'self' } }),
    call('deleteObject', ['self'], { ...nothing, deletes: 'self' })
  ].map(effects => [effects.id, effects])
)

const resultLine = /^#\s*([A-Za-z_]\w*)\s*=\s*orsObj\(\s*(['"])([^'"\\]{1,200})\2\s*\)\s*$/u

/** `# aROI = orsObj('…')`: the program's identifiers of what a block made. */
const identifiers = (comments: readonly string[]): readonly (readonly [string, string])[] =>
  comments.flatMap(comment => {
    const match = resultLine.exec(comment)
    return match?.[1] === undefined || match[3] === undefined ? [] : [[match[1], match[3]] as const]
  })

/** What is known of the calls in Dragonfly's action logs; everything else is taken to reach all that it is given. */
export const newDragonflyKnowledge = ({ version = '' }: HostProgram): Knowledge => {
  const versioned = (effects: CallEffects | undefined): CallEffects | undefined =>
    effects === undefined ? undefined : { ...effects, version }
  return {
    call: path => versioned(functions.get(path)),
    method: (name, on) =>
      versioned(
        on === 'state' && progressMethods.has(name)
          ? call(`Progress.${name}`, ['self'], { ...nothing, mutates: ['self'] })
          : methods.get(name)
      ),
    attribute: () => 'view',
    toolOf: () => ({ tool: 'Dragonfly', version }),
    // Classes and helper modules of the program are there without an import; inputs begin with a small letter.
    isModule: name => name === 'orsObj' || /^(?:Ors|ORS|[A-Z])\w*$/.test(name),
    identifiers,
    unbound: 'input',
    framedEvidence: 'recorded'
  }
}
