import type { DType } from '../digest/nd-array.ts'
import type { Attachment, Spilled } from '../json/attachment.ts'
import type { JsonValue } from '../json/value.ts'
import type { Withheld } from '../json/withheld.ts'

/** The program whose log this is. */
export interface HostProgram {
  readonly name: string
  readonly version?: string
}

/** How it is known that a step ran. */
export type Evidence = 'recorded' | 'edited' | 'authored'

/** How a parameter came to its value. */
export type Origin = 'typed' | 'default' | 'computed' | 'interactive'

/** A parameter of a step, in the order of the call. */
export interface Parameter {
  readonly name: string
  /** Type as the program spells it, e.g. `float`, `int or None`. */
  readonly type: string
  readonly value: JsonValue
  readonly unit?: string
  readonly doc?: string
  readonly origin: Origin
}

/** A value that a step reads. */
export interface Read {
  /** The argument's name in the call; a state that no argument names (`display`, `random`) by its kind. */
  readonly arg: string
  /** Versioned name, see {@link ValueName}. */
  readonly value: string
}

/** A value that a step makes. */
export interface Write {
  /** `return`, `return[1]`, or the argument that is changed in place. */
  readonly arg: string
  readonly value: string
  /** `bims-pixels-1:` digest of the pixels where it was recorded. */
  readonly digest?: string
}

/** One operation of a log. */
export interface Step {
  /** 0-based in the full log; it survives redaction. */
  readonly index: number
  readonly operation: {
    /** Qualified name, e.g. `skimage.filters.gaussian`; `` (empty) for code that does not parse. */
    readonly id: string
    readonly name: string
    readonly tool: string
    readonly version: string
  }
  readonly parameters: readonly Parameter[]
  readonly reads: readonly Read[]
  readonly writes: readonly Write[]
  readonly attachments?: readonly Attachment[]
  /** The block's code, verbatim. */
  readonly code: string | Withheld
  /** What it does, for people. */
  readonly doc: string | Withheld
  readonly evidence: Evidence
  /** Index of the step that this one takes back. */
  readonly reverts?: number
  /** For executed iterations of a loop: the source they come from. */
  readonly template?: string
}

/** What an input must be like for a replay to make sense. */
export interface Preconditions {
  readonly axes?: readonly string[]
  readonly shape?: readonly number[]
  readonly dtype?: DType
  readonly pixelSize?: { readonly [axis: string]: { readonly value: number; readonly unit: string } }
  /** Meaning of the channels in order. */
  readonly channels?: readonly string[]
}

/** An image that the log opens. */
export interface MacroInput {
  /** Name in the log, e.g. `raw`. */
  readonly name: string
  /** Its first version, e.g. `raw@0`. */
  readonly value: string
  /** The file: in a log relative to it, in a saved image relative to the image; personal, so withheld in what is submitted. */
  readonly file?: string | Withheld
  readonly digest?: string
  readonly content?: string
  readonly preconditions?: Preconditions
}

/** An image that the log makes. */
export interface MacroOutput {
  readonly name: string
  readonly value: string
  readonly digest?: string
  readonly content?: string
}

/** Library versions and machine facts under which the log ran. */
export interface Environment {
  /** Library name → version. */
  readonly libraries?: { readonly [name: string]: string }
  readonly device?: string
  readonly threads?: number
  readonly seed?: number
}

/** A log: every step, not sliced. */
export interface MacroContent {
  readonly host: HostProgram
  readonly language: 'python'
  readonly environment: Environment
  readonly inputs: readonly MacroInput[]
  readonly outputs: readonly MacroOutput[]
  readonly steps: readonly Step[]
}

/** A kept step in the redaction tree: its leaf is made from the step and this salt (base64). */
export interface KeptLeaf {
  readonly step: number
  readonly salt: string
}

/** An aligned, maximal subtree of removed steps. */
export interface RemovedSubtree {
  readonly from: number
  readonly count: number
  /** RFC 6962 hash of the subtree, hex. */
  readonly hash: string
}

/** How it is known that the removed steps did not matter. */
export type RedactionProof =
  | { readonly kind: 'replayed'; readonly executor: string; readonly digest: string }
  | { readonly kind: 'static'; readonly rules: string }

/** A record of kind macro (`bims.macro/1`): a log, sliced for the image of interest. */
export interface Macro extends Omit<MacroContent, 'steps'> {
  readonly schema: 'bims.macro/1'
  readonly steps: Spilled<readonly Step[]>
  /** The full log: its session, number of steps and Merkle root (hex). */
  readonly head: { readonly session: string; readonly size: number; readonly root: string }
  readonly redaction: {
    readonly tree: Spilled<readonly (KeptLeaf | RemovedSubtree)[]>
    readonly proof: RedactionProof
  }
  /** 16 random bytes, base64: the record is made to stay restricted, and its id, which stands in blocks, tells nothing. */
  readonly salt?: string
}
