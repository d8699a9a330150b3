export { errorCodes, isBimsError, newError } from './errors.ts'
export type { BimsError, BimsErrorCode, BimsErrorTag, Issue } from './errors.ts'
