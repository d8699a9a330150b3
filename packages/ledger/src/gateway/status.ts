import { StatusCode } from '@hyperledger/fabric-gateway'

const names = new Map<number, string>(Object.entries(StatusCode).map(([name, code]) => [code, name]))

/** Name of a validation code of Fabric, such as `VALID`. */
export const statusName = (code: number): string => names.get(code) ?? `code ${code}`

/** Codes after which a new proposal may succeed: something that was read has changed in between. */
export const isConflict = (code: string): boolean => code === 'MVCC_READ_CONFLICT' || code === 'PHANTOM_READ_CONFLICT'
