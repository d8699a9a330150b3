import { peer } from '@hyperledger/fabric-protos'

/** Validation codes of Fabric, as they stand in a block's metadata, one a transaction. */
export const validationCodes: Readonly<typeof peer.TxValidationCode> = peer.TxValidationCode

const names = new Map<number, string>(Object.entries(validationCodes).map(([name, code]) => [code, name]))

/** Name of a validation code, such as `VALID`. */
export const validationCodeName = (code: number): string => names.get(code) ?? `code ${code}`
