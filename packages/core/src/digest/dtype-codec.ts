import type * as t from 'io-ts'
import { choiceCodec } from '../json/choice-codec.ts'
import { dtypes, type DType } from './nd-array.ts'

/** Codec of element types. */
export const DTypeCodec: t.Type<DType, string, unknown> = choiceCodec(dtypes, 'dtype')
