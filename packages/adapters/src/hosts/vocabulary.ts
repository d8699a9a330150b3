import type { Operation } from '@bims/core'
import { findOperation } from './scikit-image/index.ts'

/**
 * Finds an operation by its id in the vocabularies that logs call, today that of scikit-image; undefined where none
 * has it. Hosts never import each other; what they share of a vocabulary they ask for here.
 */
export const vocabularyOperation = (id: string): Operation | undefined => findOperation(id)
