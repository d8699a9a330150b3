import * as t from 'io-ts'
import { DTypeCodec } from '../digest/dtype-codec.ts'
import { AttachmentCodec, SpilledCodec } from '../json/attachment.ts'
import { CountCodec, HexHashCodec, ImageDigestCodec, JsonValueCodec, listCodec, SaltCodec } from '../json/codec.ts'
import { WithheldCodec } from '../json/withheld.ts'
import type {
  Environment,
  Evidence,
  HostProgram,
  KeptLeaf,
  Macro,
  MacroInput,
  MacroOutput,
  Origin,
  Parameter,
  Preconditions,
  RedactionProof,
  RemovedSubtree,
  Step
} from './macro.ts'
import { parseValueName } from './value-name.ts'

const ValueNameCodec: t.Type<string, string, unknown> = t.refinement(
  t.string,
  text => parseValueName(text) !== undefined,
  'name@version'
)

const EvidenceCodec: t.Type<Evidence, string, unknown> = t.keyof({ recorded: null, edited: null, authored: null })
const OriginCodec: t.Type<Origin, string, unknown> = t.keyof({
  typed: null,
  default: null,
  computed: null,
  interactive: null
})

const ParameterCodec: t.Type<Parameter, unknown, unknown> = t.intersection([
  t.type({ name: t.string, type: t.string, value: JsonValueCodec, origin: OriginCodec }),
  t.partial({ unit: t.string, doc: t.string })
])

const TextCodec: t.Type<Step['code'], unknown, unknown> = t.union([t.string, WithheldCodec])

/** Codec of {@link Step}. */
export const StepCodec: t.Type<Step, unknown, unknown> = t.intersection(
  [
    t.type({
      index: CountCodec,
      operation: t.type({ id: t.string, name: t.string, tool: t.string, version: t.string }),
      parameters: listCodec(ParameterCodec),
      reads: listCodec(t.type({ arg: t.string, value: ValueNameCodec })),
      writes: listCodec(
        t.intersection([t.type({ arg: t.string, value: ValueNameCodec }), t.partial({ digest: ImageDigestCodec })])
      ),
      code: TextCodec,
      doc: TextCodec,
      evidence: EvidenceCodec
    }),
    t.partial({ attachments: listCodec(AttachmentCodec), reverts: CountCodec, template: t.string })
  ],
  'Step'
)

const PreconditionsCodec: t.Type<Preconditions, unknown, unknown> = t.partial({
  axes: t.readonlyArray(t.string),
  shape: t.readonlyArray(CountCodec),
  dtype: DTypeCodec,
  pixelSize: t.record(t.string, t.type({ value: t.number, unit: t.string })),
  channels: t.readonlyArray(t.string)
})

const InputCodec: t.Type<MacroInput, unknown, unknown> = t.intersection([
  t.type({ name: t.string, value: ValueNameCodec }),
  t.partial({ file: TextCodec, digest: ImageDigestCodec, content: HexHashCodec, preconditions: PreconditionsCodec })
])

const OutputCodec: t.Type<MacroOutput, unknown, unknown> = t.intersection([
  t.type({ name: t.string, value: ValueNameCodec }),
  t.partial({ digest: ImageDigestCodec, content: HexHashCodec })
])

const HostCodec: t.Type<HostProgram, unknown, unknown> = t.intersection([
  t.type({ name: t.string }),
  t.partial({ version: t.string })
])

const EnvironmentCodec: t.Type<Environment, unknown, unknown> = t.partial({
  libraries: t.record(t.string, t.string),
  device: t.string,
  threads: CountCodec,
  seed: CountCodec
})

const TreeEntryCodec: t.Type<KeptLeaf | RemovedSubtree, unknown, unknown> = t.union([
  t.type({ step: CountCodec, salt: SaltCodec }),
  t.type({ from: CountCodec, count: CountCodec, hash: HexHashCodec })
])

/** Codec of a redaction tree, for one that was moved into an attachment. */
export const RedactionTreeCodec: t.Type<readonly (KeptLeaf | RemovedSubtree)[], unknown, unknown> = listCodec(
  TreeEntryCodec,
  'redaction tree'
)

/** Codec of a list of steps, for one that was moved into an attachment. */
export const StepsCodec: t.Type<readonly Step[], unknown, unknown> = listCodec(StepCodec, 'steps')

const ProofCodec: t.Type<RedactionProof, unknown, unknown> = t.union([
  t.type({ kind: t.literal('replayed'), executor: t.string, digest: ImageDigestCodec }),
  t.type({ kind: t.literal('static'), rules: t.string })
])

/** Codec of {@link Macro}. */
export const MacroCodec: t.Type<Macro, unknown, unknown> = t.intersection(
  [
    t.type({
      schema: t.literal('bims.macro/1'),
      host: HostCodec,
      language: t.literal('python'),
      environment: EnvironmentCodec,
      inputs: t.readonlyArray(InputCodec),
      outputs: t.readonlyArray(OutputCodec),
      steps: t.union([SpilledCodec, StepsCodec])
    }),
    t.type({
      head: t.type({ session: t.string, size: CountCodec, root: HexHashCodec }),
      redaction: t.type({ tree: t.union([SpilledCodec, RedactionTreeCodec]), proof: ProofCodec })
    }),
    t.partial({ salt: SaltCodec })
  ],
  'Macro'
)
