export { pythonFloat } from './call/parameter-rule.ts'
export { operationsTable } from './operations-table.ts'
export { findOperation, operations } from './vocabulary.ts'
