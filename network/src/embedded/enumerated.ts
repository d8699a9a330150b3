import { common, peer } from '@hyperledger/fabric-protos'

/** A validation code as the generated classes type it. */
export type ValidationCode = peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap]

const codes = Object.values({ ...peer.TxValidationCode })
const types = Object.values({ ...common.HeaderType })

/** The validation code of a number that came from a block or the index. */
export const validationCode = (code: number | undefined): ValidationCode =>
  codes.find(known => known === code) ?? peer.TxValidationCode.INVALID_OTHER_REASON

/** The header type of a number that came from an envelope. */
export const headerType = (type: number): common.HeaderTypeMap[keyof common.HeaderTypeMap] =>
  types.find(known => known === type) ?? common.HeaderType.MESSAGE
