import * as t from 'io-ts'
import { canonicalText } from '../json/canonical.ts'
import { Base64Codec, Sha256IdCodec } from '../json/codec.ts'

/** A peer's signed word: Fabric's serialized identity and its signature over payload ‖ endorser, base64. */
export interface ReceiptEndorsement {
  readonly endorser: string
  readonly signature: string
}

/** The endorsements of an `Attest` proposal (`bims.receipt/1`): these peers say that the record stands on the ledger. */
export interface Receipt {
  readonly schema: 'bims.receipt/1'
  /** Id of the record. */
  readonly over: string
  /** Fabric's ProposalResponsePayload, base64. */
  readonly payload: string
  readonly endorsements: readonly ReceiptEndorsement[]
}

/** The `type` of an attestation, which no other transaction returns. */
export const attestationType = 'bims.attest/1'

/** The response of `Attest`: canonical `{channel, id, type}`. */
export const attestationText = (channel: string, id: string): string =>
  canonicalText({ channel, id, type: attestationType })

/** Codec of {@link Receipt}. */
export const ReceiptCodec: t.Type<Receipt, unknown, unknown> = t.type(
  {
    schema: t.literal('bims.receipt/1'),
    over: Sha256IdCodec,
    payload: Base64Codec,
    endorsements: t.readonlyArray(t.type({ endorser: Base64Codec, signature: Base64Codec }))
  },
  'Receipt'
)
