import * as t from 'io-ts'

/** Codec of a text that is one of those listed, e.g. a modality. */
export const choiceCodec = <A extends string>(choices: readonly A[], name: string): t.Type<A, string, unknown> => {
  const isChoice = (u: unknown): u is A => choices.some(choice => choice === u)
  return new t.Type<A, string, unknown>(
    name,
    isChoice,
    (u, context) => (isChoice(u) ? t.success(u) : t.failure(u, context)),
    choice => choice
  )
}
